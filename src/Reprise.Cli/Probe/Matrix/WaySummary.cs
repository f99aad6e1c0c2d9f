using Reprise.Cli.Probe.Clients;

namespace Reprise.Cli.Probe.Matrix;

/// <summary>One way of resuming over all pairs, and what it gains.</summary>
/// <param name="Case">The way.</param>
/// <param name="Sessions">Offered, or would have been.</param>
/// <param name="Resumed">How many of them were resumed.</param>
/// <param name="FullCost">The median over all pairs; null if no full handshake came about.</param>
/// <param name="ResumedCost">The same of the resumed handshakes.</param>
internal sealed record WaySummary(ProbeCase Case, int Sessions, int Resumed, HandshakeCost? FullCost, HandshakeCost? ResumedCost)
{
    /// <summary>Time that a resumed handshake does not take, as a share of the full one's; negative where it takes longer. Null if it cannot be told.</summary>
    public double? TimeSaved => FullCost is { Milliseconds: > 0 } full && ResumedCost is { } resumed ? 1 - (resumed.Milliseconds / full.Milliseconds) : null;

    /// <summary>In the order of the ways.</summary>
    public static IReadOnlyList<WaySummary> Of(IEnumerable<PairResult> pairs) =>
    [
        .. pairs.GroupBy(pair => pair.Case).Select(way => new WaySummary(
            way.Key, way.Sum(pair => pair.Sessions), way.Sum(pair => pair.ResumedSessions),
            HandshakeCost.Median([.. way.Select(pair => pair.Full).OfType<HandshakeCost>()]),
            HandshakeCost.Median([.. way.Select(pair => pair.Resumed).OfType<HandshakeCost>()]))),
    ];
}
