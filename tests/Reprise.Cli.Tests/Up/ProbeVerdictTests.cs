using System.Text.Json;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Up;

/// <summary>What <c>probe</c> says of clusters that are not whole.</summary>
[Collection("up")]
public sealed class ProbeVerdictTests
{
    [Fact]
    public async Task Probe_WithRedisGone_ExitsWith1ForStatefulAnd0ForStateless()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = new RunningCluster { Edges = 1, Redis = redis.Address, StoreBudget = TimeSpan.FromMilliseconds(250) };
        await cluster.InitializeAsync();
        Assert.Equal(redis.Address, cluster.Description.Redis);
        Assert.Equal(ExitCode.Done, (await cluster.RunAsync("probe")).ExitCode);

        await redis.StopAsync();

        var stateful = await cluster.RunAsync("probe", "--mode", "stateful", "--json");
        Assert.Equal(ExitCode.Failed, stateful.ExitCode);
        using var told = JsonDocument.Parse(stateful.Out);
        Assert.All(told.RootElement.GetProperty("pairs").EnumerateArray(), pair =>
        {
            Assert.Equal("notResumed", pair.GetProperty("outcome").GetString());
            Assert.StartsWith("store_", pair.GetProperty("declined").GetString(), StringComparison.Ordinal);
        });
        Assert.Equal(ExitCode.Done, (await cluster.RunAsync("probe", "--mode", "stateless")).ExitCode);
    }

    [Fact]
    public async Task Probe_OfNodesWithDifferentKeyRings_ExitsWith1AndNamesTheReason()
    {
        await using var one = new RunningCluster { Edges = 1 };
        await one.InitializeAsync();
        await using var other = new RunningCluster { Edges = 1, Kin = one };
        await other.InitializeAsync();

        var run = await CommandRun.OfAsync(
            "probe", "--json", "--mode", "stateless", "--ca", one.Description.Pki.Ca,
            "--nodes", $"{one.Description.Edges[0].Tls},{other.Description.Edges[0].Tls}");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        using var told = JsonDocument.Parse(run.Out);
        Assert.All(told.RootElement.GetProperty("pairs").EnumerateArray(), pair =>
        {
            var same = pair.GetProperty("from").GetString() == pair.GetProperty("to").GetString();
            Assert.Equal(same ? null : "unknown_key", pair.GetProperty("declined").GetString());
        });
    }
}
