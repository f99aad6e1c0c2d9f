namespace Reprise.Cli.Probe.Matrix;

/// <summary>
/// Tries every ordered pair of nodes in every way: a full handshake with the one, then its session offered to the other.
/// Each pair gets sessions of its own, as a TLS 1.3 handle is good for once. Knows nothing of how results are shown.
/// </summary>
/// <param name="nodes">At least one; pairs include each node with itself.</param>
/// <param name="cases">Ways to resume.</param>
/// <param name="trial">Of one session of one pair.</param>
/// <param name="sessions">How many for each pair, at least one.</param>
internal sealed class ResumptionMatrix(IReadOnlyList<ProbeNode> nodes, IReadOnlyList<ProbeCase> cases, IPairTrial trial, int sessions = 1)
{
    public int Count => cases.Count * nodes.Count * nodes.Count;

    /// <summary>In the order of cases, then issuing nodes, then offered-to nodes.</summary>
    public async IAsyncEnumerable<PairResult> RunAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var way in cases)
        {
            foreach (var from in nodes)
            {
                foreach (var to in nodes)
                    yield return PairResult.Of(await TryAsync(way, from, to, cancellationToken));
            }
        }
    }

    private async Task<List<PairResult>> TryAsync(ProbeCase way, ProbeNode from, ProbeNode to, CancellationToken cancellationToken)
    {
        var results = new List<PairResult>();
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            results.Add(await trial.TryAsync(way, from, to, cancellationToken));
        }
        while (results.Count < sessions && results[^1].Outcome is PairOutcome.Resumed or PairOutcome.NotResumed);
        return results;
    }
}
