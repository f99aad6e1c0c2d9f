using System.Diagnostics;
using Reprise.Cli.Demo.Load;
using Reprise.Cli.Demo.Outages;
using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Terminal;

namespace Reprise.Cli.Demo.Steps;

/// <summary>Without Redis stored sessions are declined to full handshakes, tickets go on, nothing fails; with it again they resume.</summary>
internal sealed class RedisStopped(IOutages outages) : IDemoStep
{
    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromSeconds(60);

    public string Name => "redis";

    public string Title => "Redis is stopped, and comes back";

    public async Task<StepReport> RunAsync(DemoCluster cluster, Telling telling, CancellationToken cancellationToken)
    {
        if (outages.WhyNotRedis is { } why)
            return StepReport.LeftOut(why);

        var mark = cluster.Load.Total;
        await outages.StopRedisAsync(telling, cancellationToken);
        // A handle is always looked up in the store; a session ID may be found in a node's own memory.
        await cluster.Load.WatchAsync(mark, seen => Handles(seen).Declined > 0, outages.Patience, cancellationToken);
        if (outages.Asks && Handles(cluster.Load.Total.Since(mark)).Declined == 0)
            return StepReport.LeftOut($"no stored session was declined within {outages.Patience.TotalSeconds:0} s, so Redis was not stopped");

        var without = await WatchAroundAsync(cluster, mark, cancellationToken);
        telling.Line($"without Redis, stateful:  {without.Of(ResumptionMode.Stateful)}");
        telling.Line($"without Redis, stateless: {without.Of(ResumptionMode.Stateless)}");

        var back = cluster.Load.Total;
        var since = Stopwatch.GetTimestamp();
        await outages.StartRedisAsync(telling, cancellationToken);
        var recovered = await cluster.Load.WatchAsync(back, Recovered, outages.Patience + RecoveryPatience, cancellationToken);
        var milliseconds = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        telling.Line(Recovered(recovered) ? $"stored sessions resume {Format.Milliseconds(milliseconds)} later" : "stored sessions do not resume");
        // Without their store key services change nothing; with it they settle who leads, and go on.
        var rotation = await KeyChanges.RotateAsync(cluster, telling, cancellationToken);
        var rotated = Stopwatch.GetElapsedTime(since).TotalMilliseconds;

        var load = cluster.Load.Total.Since(mark);
        var declined = Handles(without).Declined > 0 && without.Of(ResumptionMode.Stateful).Declines.Keys.All(KeyChanges.IsStoreReason);
        var ticketsGoOn = without.Of(ResumptionMode.Stateless) is { Declined: 0, Resumed: > 0 };
        return StepReport.Of(
            declined && ticketsGoOn && Recovered(recovered) && rotation.Complete is true && KeyChanges.Undisturbed(load),
            $"without Redis {without.Of(ResumptionMode.Stateful).Declined} stored sessions were declined to full handshakes, "
            + $"{without.Of(ResumptionMode.Stateless).Resumed} tickets resumed, {load.All.Failed} handshakes failed; with it again stored sessions "
            + (Recovered(recovered) ? $"resumed after {Format.Milliseconds(milliseconds)}" : "did not resume")
            + $", and keys rotated {(rotation.Complete is true ? "on all nodes" : "on some nodes")} after {Format.Milliseconds(rotated)}.",
            new
            {
                without = without.ToJson(),
                recovered = Recovered(recovered),
                recoveryMilliseconds = Recovered(recovered) ? milliseconds : (double?)null,
                rotatedMilliseconds = rotated,
            },
            load);
    }

    private static Tally Handles(LoadTally load) => load.Of(ResumptionMode.Stateful, TlsVersion.Tls13);

    private static bool Recovered(LoadTally load) =>
        Handles(load).Resumed > 0 && load.Of(ResumptionMode.Stateful, TlsVersion.Tls12).Resumed > 0;

    // Once around for each client, from here on.
    private static async Task<LoadTally> WatchAroundAsync(DemoCluster cluster, LoadTally mark, CancellationToken cancellationToken)
    {
        await cluster.Load.WatchAsync(cluster.Load.Total, seen => seen.Each(way => way.Handshakes > cluster.Nodes.Count), RecoveryPatience, cancellationToken);
        return cluster.Load.Total.Since(mark);
    }
}
