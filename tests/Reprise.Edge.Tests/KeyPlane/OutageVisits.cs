using System.Collections.Concurrent;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>
/// Clients by <c>openssl s_client</c> that connect all the time, one of each version: to one node after the other, in turn with a ticket
/// from before and with none.
/// </summary>
internal sealed class OutageVisits : IAsyncDisposable
{
    private readonly IReadOnlyList<EdgeNode> _nodes;
    private readonly ConcurrentQueue<OutageVisit> _all = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private OutageVisits(IReadOnlyList<EdgeNode> nodes, IReadOnlyDictionary<string, string> tickets)
    {
        _nodes = nodes;
        _running = Task.WhenAll(tickets.Select(ticket => BeAsync(ticket.Key, ticket.Value)));
    }

    public IReadOnlyCollection<OutageVisit> All => _all;

    /// <param name="nodes">Where to.</param>
    /// <param name="tickets">The file of each version's.</param>
    public static OutageVisits Start(IReadOnlyList<EdgeNode> nodes, IReadOnlyDictionary<string, string> tickets) => new(nodes, tickets);

    /// <summary>Lets each finish its handshake.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task BeAsync(string version, string ticket)
    {
        for (var turn = 0; !_stop.IsCancellationRequested; turn++)
        {
            var node = _nodes[turn / 2 % _nodes.Count];
            var offer = turn % 2 == 0 ? ticket : null;
            var started = DateTimeOffset.UtcNow;
            _all.Enqueue(new OutageVisit(started, node, version, offer is not null, await node.VisitAsync(version, EdgeSettings.Stateless, offer: offer)));
        }
    }
}

/// <param name="Started">Before the client was.</param>
/// <param name="Node">Where to.</param>
/// <param name="Version">"1.2" or "1.3".</param>
/// <param name="Offered">Whether with the ticket.</param>
/// <param name="Visit">What came of it.</param>
internal sealed record OutageVisit(DateTimeOffset Started, EdgeNode Node, string Version, bool Offered, Visit Visit)
{
    public bool Resumed => Visit.Kind is HandshakeKind.Resumed;

    /// <summary>Whether the node has made a ticket. One that resumes in TLS 1.2 has one in any case: the old one.</summary>
    public bool GotTicket => Version == "1.3" ? Visit.Client.Tickets > 0 : !Resumed && Visit.Client.HasTicket;
}
