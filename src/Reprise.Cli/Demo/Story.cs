using Reprise.Cli.Demo.Outages;
using Reprise.Cli.Demo.Steps;

namespace Reprise.Cli.Demo;

/// <summary>The steps in their order, with a pause before each.</summary>
internal static class Story
{
    /// <returns>Exit code: done only if each step that was tried went as it should.</returns>
    public static async Task<int> TellAsync(DemoCluster cluster, IOutages outages, Telling telling, TimeSpan pause, CancellationToken cancellationToken)
    {
        IReadOnlyList<IDemoStep> steps =
        [
            new FullHandshakes(), new ResumedElsewhere(), new RotationUnderLoad(), new RedisStopped(outages), new KeyServiceKilled(outages),
            new EpochRevoked(),
        ];
        var reports = new List<StepReport>();
        foreach (var step in steps)
        {
            await Task.Delay(pause, cancellationToken);
            telling.Begin(step);
            var report = await RunAsync(step, cluster, telling, cancellationToken);
            telling.End(step, report);
            reports.Add(report);
        }

        telling.Summary(reports, cluster.Load.Total, cluster.Load.LastFailure);
        return reports.Exists(report => report.Outcome == StepOutcome.NotAsExpected) ? ExitCode.Failed : ExitCode.Done;
    }

    // What could not be done is a step that went wrong, not the end of the story.
    private static async Task<StepReport> RunAsync(IDemoStep step, DemoCluster cluster, Telling telling, CancellationToken cancellationToken)
    {
        try
        {
            return await step.RunAsync(cluster, telling, cancellationToken);
        }
        catch (CliException failure)
        {
            return StepReport.Of(asExpected: false, failure.Message);
        }
    }
}
