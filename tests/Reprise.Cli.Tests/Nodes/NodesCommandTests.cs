using System.Text.Json;
using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using Reprise.Cli.Tests.Scripted;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Tests.Nodes;

public sealed class NodesCommandTests(ScriptedCluster cluster) : IClassFixture<ScriptedCluster>
{
    [Fact]
    public async Task List_OfALaggardAndARemovedNode_ShowsWhatTheyAre()
    {
        cluster.Answer<NodesRequest>(_ => new NodesResponse
        {
            Service = "keys-1",
            Generation = 12,
            Nodes =
            {
                new NodeMetadata { Name = "edge-1", Live = true, AcknowledgedGeneration = 11, Lag = Duration.FromTimeSpan(TimeSpan.FromSeconds(7.5)), Service = "keys-2", Serial = "4A5B", ClockOffset = Duration.FromTimeSpan(TimeSpan.FromSeconds(-0.25)) },
                new NodeMetadata { Name = "edge-2", Removed = true, Serial = "4A5C" },
            },
        });

        var table = (await cluster.RunAsync("nodes", "list")).Out.Split('\n');

        Assert.Single(table, line => Regex.IsMatch(line, @"edge-1 +yes +11 +7\.5 s +-0\.250 s"));
        Assert.Single(table, line => Regex.IsMatch(line, "edge-1 +4A5B +keys-2"));
        Assert.Single(table, line => Regex.IsMatch(line, "edge-2 +removed"));
        using var told = JsonDocument.Parse((await cluster.RunAsync("nodes", "list", "--json")).Out);
        var node = told.RootElement.GetProperty("nodes")[0];
        Assert.Equal((7.5, -0.25, "4A5B"), (node.GetProperty("lagSeconds").GetDouble(), node.GetProperty("clockOffsetSeconds").GetDouble(), node.GetProperty("serial").GetString()));
    }

    [Fact]
    public async Task List_OfABusyNode_ShowsItsRatesWithin100Columns()
    {
        cluster.Answer<NodesRequest>(_ => new NodesResponse
        {
            Service = "keys-1",
            Generation = 1795573739387,
            Nodes =
            {
                new NodeMetadata
                {
                    Name = "edge-1", Live = true, AcknowledgedGeneration = 1795573739387, Service = "keys-2", Serial = new string('F', 32), Address = "127.127.127.127:65535", Version = "10.10.10",
                    LastSeen = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch), ClockOffset = Duration.FromTimeSpan(TimeSpan.FromSeconds(-0.25)),
                    Lag = Duration.FromTimeSpan(TimeSpan.FromSeconds(7.5)),
                    Handshakes = new() { Full = 5000, Stateful = 1, Stateless = 20_000, Failed = 3 },
                    RecentHandshakes = new()
                    {
                        Full = 300, Stateful = 100, Stateless = 2600, Failed = 3,
                        ResumedFrom = { new NamedCount { Name = "edge-2", Count = 2700 } }, Declined = { new NamedCount { Name = "expired", Count = 12 } },
                    },
                    RecentSpan = Duration.FromTimeSpan(TimeSpan.FromSeconds(60)),
                },
                new NodeMetadata { Name = "edge-2", Live = true, AcknowledgedGeneration = 1795573739387, Service = "keys-1" },
            },
        });

        var table = (await cluster.RunAsync("nodes", "list")).Out.Split('\n');

        Assert.Single(table, line => Regex.IsMatch(line, @"edge-1 +yes +1795573739387 +7\.5 s +-0\.250 s +50\.0/s +90\.0% +1970-01-01 00:00:00Z"));
        Assert.Single(table, line => Regex.IsMatch(line, "edge-2 +yes +1795573739387 +0 *$"));
        Assert.All(table, line => Assert.True(line.TrimEnd().Length <= 100, line));
        using var told = JsonDocument.Parse((await cluster.RunAsync("nodes", "list", "--json")).Out);
        var nodes = told.RootElement.GetProperty("nodes");
        Assert.Equal((50, 0.9, 60), (nodes[0].GetProperty("handshakesPerSecond").GetDouble(), nodes[0].GetProperty("resumptionRate").GetDouble(), nodes[0].GetProperty("recentSeconds").GetDouble()));
        Assert.Equal(20_000, nodes[0].GetProperty("handshakes").GetProperty("stateless").GetInt64());
        Assert.Equal(("edge-2", 2700), (nodes[0].GetProperty("recentHandshakes").GetProperty("resumedFrom")[0].GetProperty("issuer").GetString(), nodes[0].GetProperty("recentHandshakes").GetProperty("resumedFrom")[0].GetProperty("count").GetInt64()));
        Assert.Equal(JsonValueKind.Null, nodes[1].GetProperty("handshakesPerSecond").ValueKind);
    }

    // A node says its version itself, and may be in other hands.
    [Fact]
    public async Task List_OfAVersionThatATerminalWouldObey_ShowsItWithout()
    {
        cluster.Answer<NodesRequest>(_ => new NodesResponse { Nodes = { new NodeMetadata { Name = "edge-1", Version = "1.0\u001b[2J[red]\n" } } });

        var run = await cluster.RunAsync("nodes", "list");

        Assert.Contains("1.0?[2J[red]?", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Out);
    }

    [Fact]
    public async Task Remove_Always_TellsTheSerialsAndTheRotationThatFollows()
    {
        cluster.Answer<RemoveNodeRequest>(_ => Steps());

        var run = await cluster.RunAsync("nodes", "remove", "edge-3", "--yes");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains("Removed edge-3: refused from now on are its certificates 4A5B, 4A5C", run.Out, StringComparison.Ordinal);
        Assert.Contains("edge-3 is removed. Epoch 7 is active on all nodes", run.Out, StringComparison.Ordinal);
        var asked = cluster.Asked<RemoveNodeRequest>().Last();
        Assert.Equal("edge-3", asked.Node);
        Assert.True(Guid.TryParse(asked.IdempotencyKey, out _));
        using var told = JsonDocument.Parse((await cluster.RunAsync("nodes", "remove", "edge-3", "--yes", "--json")).Out);
        Assert.True(told.RootElement.GetProperty("rotation").GetProperty("complete").GetBoolean());
    }

    // The rotation may have begun while its stream was still there.
    [Theory]
    [InlineData("edge-3", ExitCode.Done, "")]
    [InlineData("edge-2", ExitCode.Failed, "reprise: edge-3 is removed, and epoch 7 is active, but not acknowledged by edge-2\n")]
    public async Task Remove_WithALaggard_MindsOnlyWhoIsToStay(string laggard, int exitCode, string error)
    {
        cluster.Answer<RemoveNodeRequest>(_ => new RotateResponse[]
        {
            Told.Staged(7, 10, "edge-1", laggard), new() { Laggard = new() { Node = laggard, Generation = 10, Reason = LaggardReason.Disconnected } },
            new() { Done = new() { Epoch = 7, Complete = false, Nodes = { new RotateResponse.Types.NodeReport { Node = laggard } } } },
        }.Select(step => new RemoveNodeResponse { Rotation = step }));

        var run = await cluster.RunAsync("nodes", "remove", "edge-3", "--yes");

        Assert.Equal((exitCode, error), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Remove_WithNobodyToAsk_DoesNothing()
    {
        var before = cluster.Asked<RemoveNodeRequest>().Count();
        (await cluster.RunAsync("nodes", "remove", "edge-3")).AssertFailed(ExitCode.CouldNotRun, "--yes");
        Assert.Equal(before, cluster.Asked<RemoveNodeRequest>().Count());
    }

    private static IEnumerable<RemoveNodeResponse> Steps() =>
    [
        new() { Removed = new() { Node = "edge-3", Serials = { "4A5B", "4A5C" }, Generation = 9 } },
        .. Told.Rotation(7).Select(step => new RemoveNodeResponse { Rotation = step }),
    ];
}
