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
        await using var cluster = new RunningCluster { Edges = 1 };
        await cluster.InitializeAsync();

        await cluster.Process.KillAsync();

        await Eventually.TrueAsync(() => !cluster.Pids.Any(RunningCluster.IsAlive));
    }
}
