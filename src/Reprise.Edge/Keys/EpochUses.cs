using System.Collections.Concurrent;
using Reprise.KeyProtocol;

namespace Reprise.Edge.Keys;

/// <summary>How often each epoch has sealed and opened on this node since its start; travels with heartbeats.</summary>
internal sealed class EpochUses : IEpochUse
{
    private readonly ConcurrentDictionary<long, Counts> _counts = new();

    public void Sealed(long epoch) => Interlocked.Increment(ref Of(epoch).Seals);

    public void Opened(long epoch) => Interlocked.Increment(ref Of(epoch).Opens);

    // The newest are what anybody asks for, and a heartbeat has room for so many.
    public IReadOnlyList<EpochUse> Read() =>
        [.. _counts.OrderByDescending(pair => pair.Key).Take(64).Select(pair => new EpochUse(pair.Key, Interlocked.Read(ref pair.Value.Seals), Interlocked.Read(ref pair.Value.Opens)))];

    private Counts Of(long epoch) => _counts.GetOrAdd(epoch, static _ => new Counts());

    private sealed class Counts
    {
        public long Seals;
        public long Opens;
    }
}
