using System.Text.Json;
using Reprise.Cli.Tests.Up;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Demo;

/// <summary>The story, told of clusters of its own: what it says is what was measured.</summary>
[Collection("up")]
public sealed class DemoTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task UpDemo_OfAWholeCluster_MeasuresEachStepAndEndsWith0()
    {
        await using var cluster = new RunningCluster { Edges = 2, Demo = true };
        await cluster.InitializeAsync();

        var code = await cluster.Process.WaitForExitAsync(Patience);

        Assert.True(code == ExitCode.Done, cluster.Process.Output);
        var steps = Steps(cluster.Process.Lines);
        Assert.Equal(["up", "full", "resume", "rotation", "redis", "keyService", "revoke", "end"], steps.Select(step => Text(step, "step")));
        Assert.All(steps[1..^1], step => Assert.Equal("asExpected", Text(step, "outcome")));

        Assert.Equal(8, Number(steps[1], "facts", "full"));
        Assert.Equal((16, 8), (Number(steps[2], "facts", "resumed"), Number(steps[2], "facts", "elsewhere")));

        var rotation = steps[3].GetProperty("facts");
        Assert.All(rotation.GetProperty("rotation").GetProperty("nodes").EnumerateArray(), node => Assert.True(node.GetProperty("activatedMilliseconds").GetDouble() > 0));
        Assert.All(["edge-1", "edge-2"], node => Assert.Equal(Number(rotation, "rotation", "epoch"), Number(rotation, "sealing", node)));
        AssertTicketsGoOn(steps[3].GetProperty("load"));

        var without = steps[4].GetProperty("facts").GetProperty("without");
        Assert.True(Number(without, "stateful", "declined") > 0);
        Assert.All(without.GetProperty("stateful").GetProperty("declines").EnumerateObject(), reason => Assert.StartsWith("store_", reason.Name, StringComparison.Ordinal));
        AssertTicketsGoOn(without);
        Assert.True(steps[4].GetProperty("facts").GetProperty("recovered").GetBoolean());

        Assert.NotEqual(Text(steps[5], "facts", "killed"), Text(steps[5], "facts", "successor"));
        AssertTicketsGoOn(steps[5].GetProperty("load"));

        var old = steps[6].GetProperty("facts").GetProperty("old");
        Assert.Equal((0, 4, 0), (Number(old, "resumed"), Number(old, "declined"), Number(old, "failed")));
        Assert.All(old.GetProperty("declines").EnumerateObject(), reason => Assert.NotEqual("no reason given", reason.Name));
        Assert.True(Number(steps[6], "facts", "resumedAfter") > 0);

        Assert.Equal((6, 0, 0), (Number(steps[7], "asExpected"), Number(steps[7], "notAsExpected"), Number(steps[7], "leftOut")));
        Assert.All(cluster.Pids, pid => Assert.False(RunningCluster.IsAlive(pid)));
    }

    [Fact]
    public async Task Demo_OfAClusterInOtherHandsWithNobodyToAsk_LeavesTheOutagesOut()
    {
        await using var cluster = new RunningCluster { Edges = 1 };
        await cluster.InitializeAsync();

        var run = await cluster.RunAsync("demo", "--pause", "0", "--json");

        Assert.True(run.ExitCode == ExitCode.Done, run.Out + run.Error);
        var outcomes = Steps(run.Out.Split('\n')).Where(step => step.TryGetProperty("outcome", out _)).ToDictionary(step => Text(step, "step"), step => Text(step, "outcome"));
        Assert.Equal(["redis", "keyService"], outcomes.Where(step => step.Value == "leftOut").Select(step => step.Key));
        Assert.Equal(4, outcomes.Count(step => step.Value == "asExpected"));
        Assert.All(cluster.Pids, pid => Assert.True(RunningCluster.IsAlive(pid)));
    }

    [Fact]
    public async Task Demo_WhoseOperatorDoesAsAsked_SeesThatByItsClients()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = new RunningCluster { Edges = 2, Redis = redis.Address, StoreBudget = TimeSpan.FromMilliseconds(500) };
        await cluster.InitializeAsync();
        await using var demo = NodeProcess.Start("Reprise.Cli", ["demo", "--pause", "0", "--wait", "120", "--json", "--cluster", cluster.ClusterPath]);

        await demo.WaitForLineAsync("Stop Redis", Patience);
        await redis.StopAsync();
        await demo.WaitForLineAsync("Start Redis again", Patience);
        await redis.RestartAsync();
        var asked = await demo.WaitForLineAsync("Kill the key service", Patience);
        var named = cluster.Description.KeyService.Single(service => asked.Contains($" {service.Name} ", StringComparison.Ordinal));
        RunningCluster.Kill(named.Pid!.Value);
        var code = await demo.WaitForExitAsync(Patience);

        Assert.True(code == ExitCode.Done, demo.Output);
        var steps = Steps(demo.Lines).ToDictionary(step => Text(step, "step"));
        Assert.Equal(6, Number(steps["end"], "asExpected"));
        Assert.True(Number(steps["redis"], "facts", "without", "stateful", "declined") > 0);
        Assert.Equal(named.Name, Text(steps["keyService"], "facts", "killed"));
    }

    [Fact]
    public async Task Demo_OfAClusterThatLacksANode_SaysSoAndExitsWith1()
    {
        await using var cluster = new RunningCluster { Edges = 2 };
        await cluster.InitializeAsync();
        RunningCluster.Kill(cluster.Description.Edges[1].Pid!.Value);

        var run = await cluster.RunAsync("demo", "--pause", "0");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("NOT as it should: 4 of 8 handshakes came about", run.Out, StringComparison.Ordinal);
        Assert.Contains("edge-2: cannot connect", run.Out, StringComparison.Ordinal);
    }

    private static void AssertTicketsGoOn(JsonElement load)
    {
        Assert.True(Number(load, "stateless", "resumed") > 0);
        Assert.Equal((0, 0, 0), (Number(load, "stateless", "declined"), Number(load, "stateless", "failed"), Number(load, "stateful", "failed")));
    }

    private static List<JsonElement> Steps(IEnumerable<string> lines) =>
        [.. lines.Where(line => line.StartsWith('{')).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];

    private static string Text(JsonElement element, params string[] path) => At(element, path).GetString()!;

    private static long Number(JsonElement element, params string[] path) => At(element, path).GetInt64();

    private static JsonElement At(JsonElement element, string[] path) => path.Aggregate(element, (at, name) => at.GetProperty(name));
}
