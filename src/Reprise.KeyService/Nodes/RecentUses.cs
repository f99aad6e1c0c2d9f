using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Nodes;

/// <summary>How much of a node's totals is of the last minute. Not thread-safe.</summary>
internal sealed class RecentUses
{
    private static readonly TimeSpan s_span = TimeSpan.FromMinutes(1);

    private readonly Queue<(DateTimeOffset At, IReadOnlyList<EpochUse> Totals)> _heard = [];

    /// <summary>Takes totals that came at this time; gives what was added to them within the last minute.</summary>
    public IReadOnlyList<EpochUse> Add(DateTimeOffset now, IReadOnlyList<EpochUse> totals)
    {
        _heard.Enqueue((now, totals));
        // The newest of those that are too old is what to count from.
        while (_heard.Count > 2 && now - _heard.ElementAt(1).At >= s_span)
            _heard.Dequeue();
        var before = _heard.Peek().Totals.ToDictionary(use => use.Epoch);
        return [.. totals.Select(use => before.TryGetValue(use.Epoch, out var former)
            ? new EpochUse { Epoch = use.Epoch, Seals = Math.Max(0, use.Seals - former.Seals), Opens = Math.Max(0, use.Opens - former.Opens) }
            : use)];
    }
}
