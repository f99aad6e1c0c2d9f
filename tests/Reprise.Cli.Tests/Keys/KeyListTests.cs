using System.Text.Json;
using Reprise.Cli.Keys;
using Reprise.Cli.Tests.Scripted;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Tests.Keys;

public sealed class KeyListTests(ScriptedCluster cluster) : IClassFixture<ScriptedCluster>
{
    [Fact]
    public async Task List_Always_ShowsTheShareThatIsStillOnAnOldKey()
    {
        cluster.Answer<ListRequest>(_ => Answer());
        cluster.Answer<NodesRequest>(_ => new NodesResponse { Nodes = { new NodeMetadata { Name = "edge-1", Live = true } } });

        var run = await cluster.RunAsync("keys", "list");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains("25 % were under an old epoch", run.Out, StringComparison.Ordinal);
        Assert.Contains("keys-2 leads", run.Out, StringComparison.Ordinal);
        Assert.Contains("edge-1", run.Out, StringComparison.Ordinal);
        using var told = JsonDocument.Parse((await cluster.RunAsync("keys", "list", "--json")).Out);
        Assert.Equal(0.25, told.RootElement.GetProperty("oldShare").GetDouble());
        Assert.Equal([30, 8, 2], told.RootElement.GetProperty("epochs").EnumerateArray().Select(epoch => epoch.GetProperty("recentOpens").GetInt64()));
        Assert.Equal("edge-1", told.RootElement.GetProperty("nodes")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void OldShare_WithNothingOpened_IsNone() => Assert.Null(KeyList.OldShare(new() { Epochs = { new EpochMetadata { Number = 1, Sealing = true } } }));

    private static ListResponse Answer() => new()
    {
        Service = "keys-1",
        Leader = "keys-2",
        Generation = 12,
        Epochs =
        {
            new EpochMetadata { Number = 3, State = EpochState.Active, Sealing = true, Seals = 5, Opens = 100, RecentOpens = 30 },
            new EpochMetadata { Number = 2, State = EpochState.Retired, Opens = 200, RecentOpens = 8 },
            new EpochMetadata { Number = 1, State = EpochState.Retired, Opens = 300, RecentOpens = 2 },
        },
    };
}
