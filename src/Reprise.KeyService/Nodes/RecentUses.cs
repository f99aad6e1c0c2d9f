using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Nodes;

/// <summary>How much of a node's totals is of the last minute. Not thread-safe.</summary>
internal sealed class RecentUses
{
    private static readonly TimeSpan s_span = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);

    // However often a node sends, and wherever the clock goes.
    private const int MostKept = 64;

    private readonly Queue<(DateTimeOffset At, IReadOnlyList<EpochUse> Totals)> _heard = [];
    private DateTimeOffset _last;

    /// <summary>Takes totals that came at this time; gives what was added to them within the last minute.</summary>
    public IReadOnlyList<EpochUse> Add(DateTimeOffset now, IReadOnlyList<EpochUse> totals)
    {
        if (_heard.Count == 0 || (now - _last).Duration() >= s_between)
        {
            _heard.Enqueue((now, totals));
            _last = now;
        }

        // The newest of those that are too old is what to count from.
        while (_heard.Count > MostKept || (_heard.Count > 2 && now - _heard.ElementAt(1).At >= s_span))
            _heard.Dequeue();
        var before = new Dictionary<long, EpochUse>();
        foreach (var use in _heard.Peek().Totals)
            before[use.Epoch] = use;
        return [.. totals.Select(use => before.TryGetValue(use.Epoch, out var former)
            ? new EpochUse { Epoch = use.Epoch, Seals = Math.Max(0, use.Seals - former.Seals), Opens = Math.Max(0, use.Opens - former.Opens) }
            : use)];
    }
}
