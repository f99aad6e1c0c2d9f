using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Nodes;

/// <summary>How much of a node's totals of uses is of the last minute. Not thread-safe.</summary>
internal sealed class RecentUses
{
    private readonly LastMinute<IReadOnlyList<EpochUse>> _heard = new();

    /// <summary>Takes totals that came at this time; gives what was added to them within the last minute.</summary>
    public IReadOnlyList<EpochUse> Add(DateTimeOffset now, IReadOnlyList<EpochUse> totals)
    {
        var before = new Dictionary<long, EpochUse>();
        foreach (var use in _heard.Add(now, totals).Totals)
            before[use.Epoch] = use;
        return [.. totals.Select(use => before.TryGetValue(use.Epoch, out var former)
            ? new EpochUse { Epoch = use.Epoch, Seals = Math.Max(0, use.Seals - former.Seals), Opens = Math.Max(0, use.Opens - former.Opens) }
            : use)];
    }
}
