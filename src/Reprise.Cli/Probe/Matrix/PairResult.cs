using Reprise.Cli.Probe.Clients;

namespace Reprise.Cli.Probe.Matrix;

/// <summary>A session of one node, offered to one node.</summary>
/// <param name="Case">How.</param>
/// <param name="From">Where the full handshake was.</param>
/// <param name="To">Where the session was offered.</param>
/// <param name="Outcome">Whether it was resumed.</param>
/// <param name="Reason">Why not, in words; null if it was.</param>
/// <param name="Report">What <paramref name="To"/> said of the connection; null if it was not reached.</param>
internal sealed record PairResult(ProbeCase Case, ProbeNode From, ProbeNode To, PairOutcome Outcome, string? Reason, NodeReport? Report)
{
    /// <summary>How often it was tried; this is the result of the last time.</summary>
    public int Tries { get; init; } = 1;

    /// <summary>What the try before was declined for; null if there was one only.</summary>
    public string? DeclinedBefore { get; init; }
}
