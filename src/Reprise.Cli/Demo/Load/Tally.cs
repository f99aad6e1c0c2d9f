using System.Collections.Immutable;

namespace Reprise.Cli.Demo.Load;

/// <summary>Handshakes as clients saw them, counted. Immutable.</summary>
/// <param name="Full">Full because nothing was offered: a new client.</param>
/// <param name="Resumed">Offered, and resumed.</param>
/// <param name="Failed">No handshake, or client and node do not agree on what it was.</param>
/// <param name="Declines">Offered, and answered by a full handshake: how often, by the reason that the node gave.</param>
internal sealed record Tally(int Full, int Resumed, int Failed, ImmutableSortedDictionary<string, int> Declines)
{
    public static Tally None { get; } = new(0, 0, 0, ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal));

    public int Declined => Declines.Values.Sum();

    public int Handshakes => Full + Resumed + Declined + Failed;

    public Tally Add(Visit visit) => visit.Outcome switch
    {
        VisitOutcome.Full => this with { Full = Full + 1 },
        VisitOutcome.Resumed => this with { Resumed = Resumed + 1 },
        VisitOutcome.Failed => this with { Failed = Failed + 1 },
        _ => this with { Declines = Declines.SetItem(visit.Reason!, Declines.GetValueOrDefault(visit.Reason!) + 1) },
    };

    public Tally Plus(Tally other) => Combine(other, 1);

    public Tally Minus(Tally earlier) => Combine(earlier, -1);

    public override string ToString()
    {
        var declines = Declined == 0 ? "" : $" ({string.Join(", ", Declines.Select(each => $"{each.Value} {each.Key}"))})";
        return $"{Resumed} resumed, {Full} full, {Declined} declined{declines}, {Failed} failed";
    }

    public object ToJson() => new { full = Full, resumed = Resumed, declined = Declined, failed = Failed, declines = Declines };

    private Tally Combine(Tally other, int sign) => new(
        Full + (sign * other.Full), Resumed + (sign * other.Resumed), Failed + (sign * other.Failed),
        Declines.Keys.Union(other.Declines.Keys)
            .Select(reason => KeyValuePair.Create(reason, Declines.GetValueOrDefault(reason) + (sign * other.Declines.GetValueOrDefault(reason))))
            .Where(each => each.Value != 0)
            .ToImmutableSortedDictionary(StringComparer.Ordinal));
}
