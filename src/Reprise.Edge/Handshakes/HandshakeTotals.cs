using System.Collections.Concurrent;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Reprise.Tls;

namespace Reprise.Edge.Handshakes;

/// <summary>How the handshakes have ended since this node's start; travels with heartbeats. Thread-safe, and allocates nothing per handshake.</summary>
internal sealed class HandshakeTotals : IHandshakeTotals
{
    private readonly long[] _modes = new long[Enum.GetValues<ResumptionMode>().Length];
    private readonly long[] _declines = new long[Enum.GetValues<DeclineReason>().Length];
    private readonly ConcurrentDictionary<string, Counter> _issuers = new(StringComparer.Ordinal);
    private long _failed;

    /// <param name="mode">How it ended.</param>
    /// <param name="declined">Why it was full though a session was offered.</param>
    public void Completed(ResumptionMode mode, DeclineReason declined)
    {
        Interlocked.Increment(ref _modes[(int)mode]);
        if (mode is ResumptionMode.Full && declined is not DeclineReason.None)
            Interlocked.Increment(ref _declines[(int)declined]);
    }

    public void Failed() => Interlocked.Increment(ref _failed);

    public void ResumedFrom(string issuer)
    {
        if (!_issuers.TryGetValue(issuer, out var counter))
        {
            // Of nodes that have been in the cluster at some time there are not so many; the key service would not take more.
            if (_issuers.Count >= HandshakeCountsWire.MostNames)
                return;
            counter = _issuers.GetOrAdd(issuer, static _ => new Counter());
        }

        Interlocked.Increment(ref counter.Value);
    }

    public HandshakeCounts Read() => new()
    {
        Full = Read(ResumptionMode.Full),
        Stateful = Read(ResumptionMode.Stateful),
        Stateless = Read(ResumptionMode.Stateless),
        Failed = Interlocked.Read(ref _failed),
        ResumedFrom = { from issuer in _issuers select new NamedCount { Name = issuer.Key, Count = Interlocked.Read(ref issuer.Value.Value) } },
        Declined =
        {
            from reason in Enum.GetValues<DeclineReason>()
            let count = Interlocked.Read(ref _declines[(int)reason])
            where count > 0
            select new NamedCount { Name = reason.ToName(), Count = count }
        },
    };

    private long Read(ResumptionMode mode) => Interlocked.Read(ref _modes[(int)mode]);

    private sealed class Counter
    {
        public long Value;
    }
}
