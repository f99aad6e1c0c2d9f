using Reprise.Cli.Probe;
using Reprise.Cli.Probe.Matrix;

namespace Reprise.Cli.Demo.Steps;

/// <summary>A session of each node, offered to each node: by the probe.</summary>
internal sealed class ResumedElsewhere : IDemoStep
{
    public string Name => "resume";

    public string Title => "They come back, to every other node: resumption elsewhere";

    public async Task<StepReport> RunAsync(DemoCluster cluster, Telling telling, CancellationToken cancellationToken)
    {
        var pairs = new List<PairResult>();
        await foreach (var pair in new ResumptionMatrix(cluster.Nodes, DemoCluster.Ways, new ClusterTrial(cluster.Authority)).RunAsync(cancellationToken))
            pairs.Add(pair);

        var ways = WaySummary.Of(pairs);
        foreach (var way in ways)
            telling.Line($"{way.Case.Title}: {way.Resumed} of {way.Sessions} resumed{(way.ResumedCost is { } cost ? $"; {cost}" : "")}");

        foreach (var reason in pairs.Select(pair => pair.Reason).OfType<string>().Distinct())
            telling.Line(reason);

        var all = pairs.Count(pair => pair.Outcome == PairOutcome.Resumed);
        var elsewhere = pairs.Count(pair => pair.Outcome == PairOutcome.Resumed && pair.From != pair.To);
        return StepReport.Of(
            all == pairs.Count,
            $"{all} of {pairs.Count} sessions resumed, {elsewhere} of them by another node than the one that issued them.",
            new { tried = pairs.Count, resumed = all, elsewhere, ways = ways.Select(CostTable.ToJson) });
    }
}
