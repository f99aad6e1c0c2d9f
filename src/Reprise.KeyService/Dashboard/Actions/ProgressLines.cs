using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;

namespace Reprise.KeyService.Dashboard.Actions;

/// <summary>
/// An answer of one line of JSON for each message, sent when it comes. What fails before the first is an HTTP status; after it, the
/// last line: <c>{"error":{"code","message"}}</c> both times.
/// </summary>
internal sealed class ProgressLines(HttpContext context)
{
    private static readonly JsonFormatter s_formatter = new(JsonFormatter.Settings.Default);

    private readonly HttpResponse _response = context.Response;

    public Task WriteAsync(IMessage message) => WriteAsync(s_formatter.Format(message));

    public Task FailAsync(RpcException fault)
    {
        var reason = fault.GetRpcStatus()?.GetDetail<Google.Rpc.ErrorInfo>()?.Reason ?? fault.StatusCode.ToString().ToUpperInvariant();
        return FailAsync(StatusOf(fault.StatusCode), reason, fault.Status.Detail);
    }

    public Task FailAsync(int status, string code, string message)
    {
        var body = JsonSerializer.Serialize(new { error = new { code, message } }, JsonSerializerOptions.Web);
        if (_response.HasStarted)
            return WriteAsync(body);
        _response.StatusCode = status;
        _response.ContentType = "application/json; charset=utf-8";
        return _response.WriteAsync(body, context.RequestAborted);
    }

    private async Task WriteAsync(string line)
    {
        if (!_response.HasStarted)
            _response.ContentType = "application/x-ndjson; charset=utf-8";
        await _response.WriteAsync(line + "\n", context.RequestAborted);
        await _response.Body.FlushAsync(context.RequestAborted);
    }

    private static int StatusOf(StatusCode code) => code switch
    {
        StatusCode.InvalidArgument => StatusCodes.Status400BadRequest,
        StatusCode.PermissionDenied or StatusCode.Unauthenticated => StatusCodes.Status403Forbidden,
        StatusCode.NotFound => StatusCodes.Status404NotFound,
        StatusCode.Aborted or StatusCode.FailedPrecondition => StatusCodes.Status409Conflict,
        StatusCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        StatusCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
