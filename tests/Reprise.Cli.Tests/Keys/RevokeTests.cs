using System.Text.Json;
using Grpc.Core;
using Reprise.Cli.Tests.Scripted;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Keys;

public sealed class RevokeTests(ScriptedCluster cluster) : IClassFixture<ScriptedCluster>
{
    [Fact]
    public async Task Revoke_OfTheActiveEpoch_TellsEachStepAndWhatSealsNow()
    {
        cluster.Answer<RevokeRequest>(_ => Steps(laggard: false));

        var run = await cluster.RunAsync("keys", "revoke", "7", "--yes");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            [
                "Staged epoch 8, which takes its place, at edge-1, edge-2",
                "  edge-1 acknowledged epoch 8 after 3.0 ms",
                "Revoked epoch 7 (generation 11)",
                "  edge-1 acknowledged the revocation after 4.5 ms",
                "Epoch 7 is destroyed on 2 of 2 nodes, after 4.5 ms, 20.0 ms after the call. Epoch 8 seals now.",
            ],
            run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var asked = cluster.Asked<RevokeRequest>().Last();
        Assert.Equal((7, false), (asked.Epoch, asked.PurgeSessions));
    }

    [Fact]
    public async Task Revoke_WithPurgeSessionsAndALaggard_NamesItWithExit1()
    {
        cluster.Answer<RevokeRequest>(_ => Steps(laggard: true));

        var run = await cluster.RunAsync("keys", "revoke", "7", "--purge-sessions", "--yes", "--json");

        Assert.Equal((ExitCode.Failed, "reprise: epoch 7 is revoked, but not acknowledged by edge-2\n"), (run.ExitCode, run.Error));
        Assert.True(cluster.Asked<RevokeRequest>().Last().PurgeSessions);
        using var told = JsonDocument.Parse(run.Out);
        Assert.False(told.RootElement.GetProperty("complete").GetBoolean());
        Assert.Equal(99, told.RootElement.GetProperty("purge").GetInt64());
        Assert.Equal([null, "silent until the deadline"], told.RootElement.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("lags").GetString()));
    }

    [Fact]
    public async Task Revoke_OfOneThatIsDestroyed_IsNo()
    {
        cluster.Answer<RevokeRequest>(_ => throw new RpcException(new Status(StatusCode.FailedPrecondition, "epoch 7 is destroyed already")));
        (await cluster.RunAsync("keys", "revoke", "7", "--yes")).AssertFailed(ExitCode.Failed, "destroyed already");
    }

    [Fact]
    public async Task Revoke_WithNobodyToAsk_DoesNothing()
    {
        var before = cluster.Asked<RevokeRequest>().Count();
        (await cluster.RunAsync("keys", "revoke", "7")).AssertFailed(ExitCode.CouldNotRun, "--yes");
        Assert.Equal(before, cluster.Asked<RevokeRequest>().Count());
    }

    // On a terminal of its own, made by script(1).
    [Theory]
    [InlineData("7", ExitCode.Done, 1)]
    [InlineData("y", ExitCode.Failed, 0)]
    [InlineData("", ExitCode.Failed, 0)]
    public async Task Revoke_OnATerminal_GoesOnOnlyIfTheNumberIsTyped(string typed, int exitCode, int calls)
    {
        cluster.Answer<RevokeRequest>(_ => Steps(laggard: false));
        var before = cluster.Asked<RevokeRequest>().Count();
        var reprise = RepositoryRoot.File("src", "Reprise.Cli", "bin", RepositoryRoot.Configuration, "net10.0", "reprise");

        var run = await ProcessRun.OfAsync("sh", ["-c", $"printf '{typed}\\r' | script -qec '{reprise} keys revoke 7 --cluster {cluster.ClusterPath}' /dev/null"]);

        Assert.True(run.ExitCode == exitCode, run.Output);
        Assert.Contains("Type the epoch's number to go on:", run.Output, StringComparison.Ordinal);
        Assert.Equal(before + calls, cluster.Asked<RevokeRequest>().Count());
    }

    private static RevokeResponse[] Steps(bool laggard) =>
    [
        new() { Staged = new() { Epoch = 8, Generation = 10, Nodes = { "edge-1", "edge-2" } } },
        new() { Acknowledged = new() { Node = "edge-1", Generation = 10, Milliseconds = 3 } },
        new() { Revoked = new() { Epoch = 7, Generation = 11, Sealing = 8, Purge = laggard ? 99 : 0 } },
        new() { Acknowledged = new() { Node = "edge-1", Generation = 11, Milliseconds = 4.5 } },
        new() { Done = new() { Epoch = 7, Generation = 11, Milliseconds = 20, Acknowledgements = Told.Acknowledgements(laggard) } },
    ];
}
