using Microsoft.AspNetCore.Http.Features;

namespace Reprise.KeyService.Dashboard;

/// <summary>
/// Holds what is sent, by whom is not known yet, to what this page sends itself: a small form or a small question. Anything else is the
/// sender's fault, and is answered as that.
/// </summary>
internal static class RequestBounds
{
    private const long MostBytes = 16 * 1024;

    public static async Task HoldAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
            body.MaxRequestBodySize = MostBytes;
        if (await RefuseAsync(context.Request, context.RequestAborted) is { } status)
            context.Response.StatusCode = status;
        else
            await next(context);
    }

    // Forms are read here and once: whoever wants a field of one later would take what is none for a fault of its own.
    private static async Task<int?> RefuseAsync(HttpRequest request, CancellationToken cancel)
    {
        if (!request.HasFormContentType)
            return null;
        // Of files, which nothing here takes.
        if (request.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
            return StatusCodes.Status415UnsupportedMediaType;
        try
        {
            await request.ReadFormAsync(cancel);
            return null;
        }
        catch (BadHttpRequestException fault)
        {
            return fault.StatusCode;
        }
        catch (InvalidDataException)
        {
            return StatusCodes.Status400BadRequest;
        }
    }
}
