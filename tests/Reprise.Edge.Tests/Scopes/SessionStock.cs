using System.Collections.Concurrent;
using Reprise.Edge.Tests.Harness;
using Reprise.Tls.Client;

namespace Reprise.Edge.Tests.Scopes;

/// <summary>Sessions of a kind that the first node has issued, one for each attempt: a handle is worth no more.</summary>
internal sealed class SessionStock(ScopeEdges edges, SessionKind kind) : IDisposable
{
    private readonly Dictionary<string, Queue<ClientSession>> _sessions = ScopeProfile.All.ToDictionary(profile => profile.Name, _ => new Queue<ClientSession>());
    private readonly ConcurrentBag<ClientSession> _all = [];

    public EdgeNode One => edges.Nodes(kind).One;

    public EdgeNode Two => edges.Nodes(kind).Two;

    /// <summary>Profiles that have sessions of the kind.</summary>
    public IReadOnlyList<ScopeProfile> Issuers { get; } = [.. ScopeProfile.All.Where(profile => kind.Version == "1.3" || profile.Tls12)];

    /// <summary>A session of the profile's own client; stays the stock's.</summary>
    public ClientSession Take(ScopeProfile profile)
    {
        lock (_sessions[profile.Name])
        {
            var left = _sessions[profile.Name];
            if (left.Count == 0)
                Refill(profile, left);
            return kind.Version == "1.2" ? left.Peek() : left.Dequeue();
        }
    }

    /// <summary>A visit on the second node, by default as one of the profile's own clients makes it who has no certificate at hand.</summary>
    public ScopeVisit Visit(ScopeProfile profile, ClientSession? offer, string? host = null, string? certificate = null) =>
        VisitAt(profile.Listener, profile.Host, host ?? profile.Host, offer, certificate, listen: offer is null && profile.Required && certificate is null);

    public ScopeVisit VisitAt(string listener, string? sni, string host, ClientSession? offer, string? certificate = null, bool listen = false) =>
        ScopeVisit.Make(ScopeEdges.Listener(Two, listener), kind, Two.Authority, sni, host, offer, FileOf(certificate), listen);

    public void Dispose()
    {
        foreach (var session in _all)
            session.Dispose();
    }

    private void Refill(ScopeProfile profile, Queue<ClientSession> stock)
    {
        var visit = ScopeVisit.Make(ScopeEdges.Listener(One, profile.Listener), kind, One.Authority, profile.Host, profile.Host, null, FileOf(profile.Client), listen: false);
        Assert.True(visit is { Status: 200, Resumed: false, Sessions.Count: > 0 } && visit.Profile == profile.Name, $"{profile}, {kind}: {visit}");
        Assert.Equal(kind.NoTicket, !visit.Sessions[0].HasTicket);
        foreach (var session in visit.Sessions)
        {
            _all.Add(session);
            stock.Enqueue(session);
        }
    }

    private string? FileOf(string? client) => client is null ? null : edges.Clients.PathOf($"{client}.pem");
}
