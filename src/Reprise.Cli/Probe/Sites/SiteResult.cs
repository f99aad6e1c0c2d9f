using Reprise.Cli.Probe.Matrix;

namespace Reprise.Cli.Probe.Sites;

/// <summary>What was found of a site.</summary>
/// <param name="Site">Which.</param>
/// <param name="Nodes">Its addresses.</param>
/// <param name="Pairs">Every address to every address, in every way; empty if the name led to none.</param>
/// <param name="LeftOut">How many addresses of the name were not asked: too many, or no way from here leads to them.</param>
/// <param name="Failure">Why there are none; null otherwise.</param>
internal sealed record SiteResult(Site Site, IReadOnlyList<ProbeNode> Nodes, IReadOnlyList<PairResult> Pairs, int LeftOut = 0, string? Failure = null)
{
    /// <summary>Why there is nothing to be said of it at all; null if there is.</summary>
    public string? CouldNotTell =>
        Failure ?? (Pairs.All(pair => pair.Outcome == PairOutcome.NotSpoken) ? $"{Site} speaks no TLS version that was asked for" : null);
}
