using Reprise.Cli.Probe.Clients;

namespace Reprise.Cli.Probe.Matrix;

/// <summary>Sessions of one node, offered to one node.</summary>
/// <param name="Case">How.</param>
/// <param name="From">Where the full handshake was.</param>
/// <param name="To">Where the session was offered.</param>
/// <param name="Outcome">Whether it was resumed: of several sessions, the worst.</param>
/// <param name="Reason">Why not, in words; null if it was.</param>
/// <param name="Report">What <paramref name="To"/> said of the connection; null if it was not reached, or is not a node of ours.</param>
internal sealed record PairResult(ProbeCase Case, ProbeNode From, ProbeNode To, PairOutcome Outcome, string? Reason, NodeReport? Report)
{
    /// <summary>How many sessions were offered, or would have been.</summary>
    public int Sessions { get; init; } = 1;

    /// <summary>How many of them were resumed.</summary>
    public int ResumedSessions { get; init; } = Outcome == PairOutcome.Resumed ? 1 : 0;

    /// <summary>What the full handshakes cost that the sessions came of, the median; null if there was none.</summary>
    public HandshakeCost? Full { get; init; }

    /// <summary>What the resumed handshakes cost, the median; null if there was none.</summary>
    public HandshakeCost? Resumed { get; init; }

    /// <summary>For how long the issuer would have its ticket kept; null without a ticket.</summary>
    public TimeSpan? LifetimeHint { get; init; }

    /// <summary>How often the session was tried; this is the result of the last time.</summary>
    public int Tries { get; init; } = 1;

    /// <summary>What the try before was declined for; null if there was one only.</summary>
    public string? DeclinedBefore { get; init; }

    /// <summary>Of several sessions of a pair.</summary>
    public static PairResult Of(IReadOnlyCollection<PairResult> sessions) => sessions.MaxBy(session => session.Outcome)! with
    {
        Sessions = sessions.Count,
        ResumedSessions = sessions.Sum(session => session.ResumedSessions),
        Full = HandshakeCost.Median([.. sessions.Select(session => session.Full).OfType<HandshakeCost>()]),
        Resumed = HandshakeCost.Median([.. sessions.Select(session => session.Resumed).OfType<HandshakeCost>()]),
    };
}
