using Microsoft.AspNetCore.Antiforgery;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Dashboard.SignIn;

namespace Reprise.KeyService.Dashboard;

/// <summary>
/// Refuses what changes something and was not sent by a page of this service's: browsers send cookies, and show certificates, whoever
/// makes them send. The browser's own word on where it comes from counts first, then a token that only such a page has been given.
/// </summary>
internal sealed class ForgeryCheck(IAntiforgery antiforgery, KeyServiceMetrics metrics, AuditTrail audit)
{
    public async Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        // Whoever sends the token by itself is no browser.
        var asked = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        if (asked || DashboardAuthentication.IsByBearer(context) || (IsOfThisOrigin(request) && await antiforgery.IsRequestValidAsync(context)))
        {
            await next(context);
            return;
        }

        metrics.Refused("forgery");
        audit.RecordRefusal(context.User.Identity?.Name ?? RefusalThrottle.Stranger, context.GetEndpoint()?.DisplayName ?? "", "a request that no page of the dashboard has sent");
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        if (DashboardAuthentication.IsApi(request))
            await context.Response.WriteAsJsonAsync(new { error = new { code = "FORGERY", message = "the request was not sent by this page; load it again" } }, context.RequestAborted);
    }

    // Fetch metadata is what browsers say and pages cannot. Origin is "null" for a form of a page that sends no referrer, as ours.
    private static bool IsOfThisOrigin(HttpRequest request)
    {
        var (site, origin) = (request.Headers["Sec-Fetch-Site"], request.Headers.Origin);
        if (site.Count > 0)
            return site is ["same-origin"] && (origin.Count == 0 || IsOwn(origin, request) || origin is ["null"]);
        return origin.Count == 0 || IsOwn(origin, request);
    }

    private static bool IsOwn(Microsoft.Extensions.Primitives.StringValues origin, HttpRequest request) =>
        origin is [{ } only] && string.Equals(only, $"https://{request.Host}", StringComparison.OrdinalIgnoreCase);
}
