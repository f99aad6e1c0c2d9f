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
            var handshake = context.Features.Get<ISessionResumptionFeature>()!.Handshake;
            var reachable = profiles.Table.On(handshake.EndPoint.Name);
            if (IsReachable(EdgeProfile.Of(handshake), reachable.Find(context.Request.Host.Host.TrimEnd('.'))))
                return next(context);
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return Task.CompletedTask;
        });
    }

    // Its settings may have been changed since the connection began. What was agreed on by the handshake then need not be agreed on
    // again, but for who the client is: where that counts, or has begun to count, the client has to come anew.
    private static bool IsReachable(EdgeProfile connection, EdgeProfile? host) =>
        host is not null && (host == connection
            || host.Name == connection.Name && (host.Scope.Equals(connection.Scope)
                || host.Options.ClientAuth.Mode is ClientAuthMode.None && connection.Options.ClientAuth.Mode is ClientAuthMode.None));
}
