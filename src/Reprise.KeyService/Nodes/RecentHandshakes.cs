using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;

namespace Reprise.KeyService.Nodes;

/// <summary>How much of a node's totals of handshakes is of the last minute. Not thread-safe.</summary>
internal sealed class RecentHandshakes
{
    private readonly LastMinute<HandshakeCounts> _heard = new();

    /// <summary>Takes totals that came at this time. The first ones are only what to count from.</summary>
    public NodeHandshakes Add(DateTimeOffset now, HandshakeCounts totals)
    {
        var (at, before) = _heard.Add(now, totals);
        // Not positive too where the clock was set back.
        return now <= at ? new(totals, null, TimeSpan.Zero) : new(totals, totals.Since(before), now - at);
    }
}
