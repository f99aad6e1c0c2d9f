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
            var profile = EdgeProfile.Of(handshake);
            var current = profiles.Table.On(handshake.EndPoint.Name).Find(context.Request.Host.Host.TrimEnd('.'));
            if (current == profile || current is not null && IsSuccessor(current, profile))
                return next(context);
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            if (profiles.Table.Named(profile.Name) != profile)
                context.Connection.RequestClose(); // of a profile that has been replaced: the next request is to come by a new connection
            return Task.CompletedTask;
        });
    }

    // A connection outlives a reload, if it would be let in by the profile of today: a client that was let in by other authorities, or by a
    // revocation list of yesterday, has to present itself anew.
    private static bool IsSuccessor(EdgeProfile current, EdgeProfile former) =>
        current.Name == former.Name && SameClients(current.Tls.Options.ClientAuth, former.Tls.Options.ClientAuth);

    private static bool SameClients(TlsClientAuth? one, TlsClientAuth? other) =>
        one is null || other is null
            ? one == other
            : one.Mode == other.Mode && one.Depth == other.Depth && Same(one.Authorities, other.Authorities) &&
                one.RevocationLists.Count == other.RevocationLists.Count && one.RevocationLists.Zip(other.RevocationLists).All(pair => Same(pair.First, pair.Second));

    private static bool Same(TlsFile one, TlsFile other) => one.Bytes.Span.SequenceEqual(other.Bytes.Span);
}
