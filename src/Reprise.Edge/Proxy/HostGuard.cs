using Reprise.Edge.Profiles;
using Reprise.Tls;

namespace Reprise.Edge.Proxy;

/// <summary>
/// A request for a host that is not the connection's profile's gets 421 (RFC 9110 section 15.5.20): a session of one profile must not
/// reach another's upstream by its Host header (CVE-2025-23048).
/// </summary>
internal static class HostGuard
{
    public static void UseHostGuard(this WebApplication app)
    {
        var profiles = app.Services.GetRequiredService<CurrentProfiles>();
        app.Use((context, next) =>
        {
            var profile = EdgeProfile.Of(context.Features.Get<ISessionResumptionFeature>()!.Handshake);
            if (profiles.Table.Find(context.Request.Host.Host.TrimEnd('.')) == profile)
                return next(context);
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return Task.CompletedTask;
        });
    }
}
