using Reprise.Testing;

namespace Reprise.Cli.Tests.Up;

/// <summary>How <c>up</c> and its nodes end. Each test has a cluster of its own.</summary>
[Collection("up")]
public sealed class UpEndTests
{
    [Fact]
    public async Task EdgeKilled_Always_IsReportedAndTheOthersGoOn()
    {
        await using var cluster = new RunningCluster { Edges = 2 };
        await cluster.InitializeAsync();
        var killed = cluster.Description.Edges[0];

        RunningCluster.Kill(killed.Pid!.Value);

        await cluster.Process.WaitForLineAsync($"edge-1 (pid {killed.Pid})");
        var run = await cluster.RunAsync("probe", "--tls", "1.3", "--mode", "stateless");
        Assert.Equal(ExitCode.CouldNotRun, run.ExitCode);
        Assert.Contains("edge-1", run.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, (await cluster.RunAsync("probe", "--nodes", "edge-2")).ExitCode);
        Assert.Equal(0, await cluster.Process.TerminateAsync());
    }

    [Fact]
    public async Task LeadingKeyServiceKilled_Always_LetsTheOtherRotate()
    {
        await using var cluster = new RunningCluster { Edges = 2 };
        await cluster.InitializeAsync();
        var before = await cluster.ListAsync();
        var leader = cluster.Description.KeyService.Single(service => service.Name == before.GetProperty("leader").GetString());

        RunningCluster.Kill(leader.Pid!.Value);
        var run = await cluster.RunAsync("keys", "rotate", "--wait", "--json");

        Assert.True(run.ExitCode == ExitCode.Done, run.Error);
        var after = await cluster.ListAsync();
        Assert.Equal(cluster.Description.KeyService.Single(service => service != leader).Name, after.GetProperty("leader").GetString());
        // Neither lost nor doubled.
        Assert.Equal(before.GetProperty("epochs").GetArrayLength() + 1, after.GetProperty("epochs").GetArrayLength());
        Assert.Equal(ExitCode.Done, (await cluster.RunAsync("probe", "--mode", "stateless")).ExitCode);
    }

    [Fact]
    public async Task Sigterm_Always_StopsEverythingWithExit0()
    {
        await using var cluster = new RunningCluster { Edges = 1 };
        await cluster.InitializeAsync();
        Assert.All(cluster.Pids, pid => Assert.True(RunningCluster.IsAlive(pid)));

        Assert.Equal(0, await cluster.Process.TerminateAsync());

        Assert.All(cluster.Pids, pid => Assert.False(RunningCluster.IsAlive(pid)));
        Assert.False(File.Exists(cluster.ClusterPath));
        Assert.Empty(cluster.Process.ErrorLines);
    }

    [Fact]
    public async Task Sigkill_Always_TakesTheNodesAlong()
    {
        await using var cluster = new RunningCluster { Edges = 1, KeyServices = 1 };
        await cluster.InitializeAsync();
        Assert.Single(cluster.Description.KeyService);

        await cluster.Process.KillAsync();

        await Eventually.TrueAsync(() => !cluster.Pids.Any(RunningCluster.IsAlive));
    }
}
