using Reprise.Cli.Progress;
using Reprise.Cli.Terminal;

namespace Reprise.Cli.Demo.Steps;

/// <summary>A new ticket key while clients come and go: no ticket is lost, since every node can open before any seals.</summary>
internal sealed class RotationUnderLoad : IDemoStep
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public string Name => "rotation";

    public string Title => "A new ticket key, while clients come and go";

    public async Task<StepReport> RunAsync(DemoCluster cluster, Telling telling, CancellationToken cancellationToken)
    {
        var mark = cluster.Load.Total;
        var rotation = await KeyChanges.RotateAsync(cluster, telling, cancellationToken);
        var activated = cluster.Load.Total;
        // Each client once around after the change: tickets of before are offered after it, everywhere.
        await cluster.Load.WatchAsync(activated, seen => seen.Each(way => way.Handshakes > cluster.Nodes.Count), Patience, cancellationToken);
        var load = cluster.Load.Total.Since(mark);
        var sealing = await KeyChanges.SealingAsync(cluster, cancellationToken);
        var switched = sealing.Count(node => node.Value == rotation.Epoch);

        var whole = rotation.Complete is true && switched == cluster.Nodes.Count && KeyChanges.Undisturbed(load);
        var laggards = rotation.Laggards.ToList();
        return StepReport.Of(
            whole,
            $"epoch {rotation.Epoch} in place of {rotation.Replaces} after {Format.Milliseconds(rotation.Milliseconds)}, {switched} of {cluster.Nodes.Count} nodes seal under it; "
            + $"of {load.All.Handshakes} handshakes meanwhile {load.All.Failed} failed and {load.All.Declined} were declined."
            + (laggards.Count > 0 ? $" Not acknowledged by {AcknowledgementReport.Names(laggards)}." : ""),
            new { rotation = rotation.ToJson(), sealing },
            load);
    }
}
