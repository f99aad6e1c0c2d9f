using System.Diagnostics;
using Reprise.Cli.Demo.Outages;
using Reprise.Cli.Terminal;

namespace Reprise.Cli.Demo.Steps;

/// <summary>The key service that leads is killed: nodes go on with the keys they hold, another leads, and rotates.</summary>
internal sealed class KeyServiceKilled(IOutages outages) : IDemoStep
{
    /// <summary>A leader that was killed is succeeded within 10 s, and its nodes come to another.</summary>
    private static readonly TimeSpan SuccessionPatience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public string Name => "keyService";

    public string Title => "The key service that leads is killed";

    public async Task<StepReport> RunAsync(DemoCluster cluster, Telling telling, CancellationToken cancellationToken)
    {
        if (outages.WhyNotKeyService is { } why)
            return StepReport.LeftOut(why);
        if (cluster.Description.KeyService.Count < 2)
            return StepReport.LeftOut("the cluster has one key service: there is none to take over");

        var mark = cluster.Load.Total;
        var leader = await LeaderAsync(cluster, _ => true, SuccessionPatience, cancellationToken)
            ?? throw new CliException("no key service leads");
        await outages.KillKeyServiceAsync(leader, telling, cancellationToken);
        var since = Stopwatch.GetTimestamp();
        var successor = await LeaderAsync(cluster, name => name != leader, outages.Asks ? outages.Patience : SuccessionPatience, cancellationToken);
        if (successor is null)
        {
            return outages.Asks
                ? StepReport.LeftOut($"{leader} still led after {outages.Patience.TotalSeconds:0} s, so it was not killed")
                : StepReport.Of(asExpected: false, $"no other key service led within {SuccessionPatience.TotalSeconds:0} s", load: cluster.Load.Total.Since(mark));
        }

        telling.Line($"{successor} leads {Format.Milliseconds(Stopwatch.GetElapsedTime(since).TotalMilliseconds)} later, and is asked for a rotation");
        var rotation = await KeyChanges.RotateAsync(cluster, telling, cancellationToken);
        var milliseconds = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        var load = cluster.Load.Total.Since(mark);
        await outages.StartKeyServiceAsync(leader, telling, cancellationToken);
        return StepReport.Of(
            rotation.Complete is true && KeyChanges.Undisturbed(load),
            $"{successor} took over from {leader} and had epoch {rotation.Epoch} active"
            + $"{(rotation.Complete is true ? " on all nodes" : ", though not acknowledged by all nodes,")} {Format.Milliseconds(milliseconds)} after the kill; of {load.All.Handshakes} handshakes meanwhile "
            + $"{load.All.Failed} failed and {load.All.Declined} were declined.",
            new { killed = leader, successor, takeoverMilliseconds = milliseconds, rotation = rotation.ToJson() },
            load);
    }

    private static async Task<string?> LeaderAsync(
        DemoCluster cluster, Func<string, bool> wanted, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var plane = cluster.OpenKeyPlane();
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < patience)
        {
            if ((await KeyChanges.ListAsync(plane, cancellationToken)).Leader is { Length: > 0 } leader && wanted(leader))
                return leader;
            await Task.Delay(Look, cancellationToken);
        }

        return null;
    }
}
