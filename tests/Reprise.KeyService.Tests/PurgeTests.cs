using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests;

/// <summary>Purges of stored sessions, as nodes and operators see them.</summary>
public sealed class PurgeTests
{
    private static readonly PurgeSessionsRequest s_all = new() { All = true };

    [Fact]
    public async Task PurgeSessions_LiveNodes_IsInTheRingThatTheyAcknowledge()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var one = await NodeAsync(service, "edge-1", "shop");
        var two = await NodeAsync(service, "edge-2", "bank");
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        var purging = service.Channel().Admin.PurgeSessionsAsync(new() { Profile = "shop" }).ResponseAsync;
        var rings = new[] { await one.RingAsync(), await two.RingAsync() };
        Assert.False(purging.IsCompleted);
        await one.AcknowledgeAsync(rings[0].Generation);
        await two.AcknowledgeAsync(rings[1].Generation);
        var purged = await purging;

        Assert.All(rings, ring => Assert.Equal([new Purge { Profile = "shop", Number = purged.Number }], ring.Purges));
        Assert.True(purged.Number >= before);
        Assert.Equal(rings[0].Generation, purged.Generation);
        Assert.Equal(["edge-1", "edge-2"], purged.Acknowledgements.Nodes.Select(node => node.Node)); // all nodes: who serves a profile now is not who did
        Assert.All(purged.Acknowledgements.Nodes, node => Assert.True(node.HasMilliseconds));
        Assert.Empty(purged.Acknowledgements.Laggards);
        Assert.Equal([new Purge { Profile = "shop", Number = purged.Number }], (await service.Channel().Admin.ListAsync(new())).Purges);
        Assert.Contains("Stored sessions of shop purged for admin", service.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PurgeSessions_NoNodes_StandsForThoseToCome()
    {
        await using var service = await KeyServiceHarness.StartAsync();

        var purged = await service.Channel().Admin.PurgeSessionsAsync(s_all);

        Assert.Empty(purged.Acknowledgements.Nodes);
        var node = await service.SubscribeAsync();
        Assert.Equal(purged.Number, node.Current!.Purges.All);
    }

    [Fact]
    public async Task PurgeSessions_SilentAndLostNodes_AreNamedAtTheDeadline()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var service = await KeyServiceHarness.StartAsync(time);
        await NodeAsync(service, "edge-1", "shop");
        var lost = await NodeAsync(service, "edge-2", "shop");
        var good = await NodeAsync(service, "edge-3", "shop");

        var purging = service.Channel().Admin.PurgeSessionsAsync(s_all).ResponseAsync;
        await good.AcknowledgeAsync((await good.RingAsync()).Generation);
        await lost.RingAsync();
        await lost.DisposeAsync();
        await Eventually.TrueAsync(async () => !(await service.Channel().Admin.NodesAsync(new())).Nodes[1].Live);
        Assert.False(purging.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(10));
        var purged = await purging;

        Assert.Equal(
            [("edge-1", LaggardReason.Deadline), ("edge-2", LaggardReason.Disconnected)],
            purged.Acknowledgements.Laggards.Select(laggard => (laggard.Node, laggard.Reason)));
        Assert.Equal([false, false, true], purged.Acknowledgements.Nodes.Select(node => node.HasMilliseconds));
    }

    [Fact]
    public async Task PurgeSessions_AgainAndAgain_GrowsEachTime()
    {
        await using var service = await KeyServiceHarness.StartAsync(new FakeTimeProvider(DateTimeOffset.UtcNow)); // a clock that stands
        var channel = service.Channel();
        var last = 0L;
        for (var i = 0; i < 5; i++)
        {
            var purged = await channel.Admin.PurgeSessionsAsync(s_all);
            Assert.True(purged.Number > last);
            last = purged.Number;
        }
    }

    [Fact]
    public async Task PurgeSessions_ProfileOfANodeThatIsGone_IsNotFound()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var channel = service.Channel();
        var node = await NodeAsync(service, "edge-1", "shop");
        await node.DisposeAsync();
        await Eventually.TrueAsync(async () => !(await channel.Admin.NodesAsync(new())).Nodes.Single().Live);

        var fault = await Assert.ThrowsAsync<RpcException>(async () => await channel.Admin.PurgeSessionsAsync(new() { Profile = "shop" }));

        Assert.Equal(StatusCode.NotFound, fault.StatusCode);
        Assert.Empty((await channel.Admin.ListAsync(new())).Purges);
    }

    [Theory]
    [InlineData("edge-1")]
    [InlineData("keys-1")]
    public async Task PurgeSessions_WrongRole_IsPermissionDenied(string caller)
    {
        await using var service = await KeyServiceHarness.StartAsync();

        var fault = await Assert.ThrowsAsync<RpcException>(async () => await service.Channel(caller).Admin.PurgeSessionsAsync(s_all));

        Assert.Equal(StatusCode.PermissionDenied, fault.StatusCode);
        Assert.Empty((await service.Channel().Admin.ListAsync(new())).Purges);
    }

    [Fact]
    public async Task Restart_NodeThatKnowsOfAPurge_TellsTheServiceAndThroughItTheOthers()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var number = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var other = await service.SubscribeAsync("edge-2");

        var hello = new Hello { Node = "edge-1", Purges = { new Purge { Profile = "shop", Number = number }, new Purge { Number = 5 } } };
        await using var node = new ScriptedNode(service.Channel("edge-1").Invoker);
        await node.SayAsync(new() { Hello = hello });

        Assert.Equal(hello.Purges.ToHashSet(), (await node.RingAsync()).Purges.ToHashSet()); // the first ring has them already
        await Eventually.TrueAsync(() => other.Current!.Purges.Of("shop") == number);
    }

    [Fact]
    public async Task Restart_RealSubscriber_KeepsItsPurgesAndBringsThemBack()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var node = await service.SubscribeAsync();
        var purged = await service.Channel().Admin.PurgeSessionsAsync(s_all);
        await Eventually.TrueAsync(() => node.Current!.Purges.All == purged.Number);

        await service.StopAsync();
        await service.StartAsync();

        await Eventually.TrueAsync(async () => (await service.Channel().Admin.ListAsync(new())).Purges is [var purge] && purge.Number == purged.Number, TimeSpan.FromSeconds(60));
        Assert.Equal(purged.Number, node.Current!.Purges.All);
    }

    // An earlier service's clock was fast: a purge by a number below would be acknowledged by all and end nothing.
    [Fact]
    public async Task Purge_WithANumberHeldThatIsAheadOfTheClock_IsAboveIt()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var ahead = DateTimeOffset.UtcNow.AddMinutes(10).ToUnixTimeMilliseconds();
        await using var node = new ScriptedNode(service.Channel("edge-1").Invoker);
        await node.SayAsync(new() { Hello = new() { Node = "edge-1", Purges = { new Purge { Number = ahead } } } });
        await node.RingAsync();

        using var purging = service.Channel().Admin.PurgeSessionsAsync(s_all);

        Assert.True((await node.RingAsync()).Purges.Single().Number > ahead);
    }

    [Fact]
    public async Task Subscribe_PurgesThatCannotBe_AreNotBelieved()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await using var node = new ScriptedNode(service.Channel("edge-1").Invoker);

        await node.SayAsync(new()
        {
            Hello = new()
            {
                Node = "edge-1",
                Purges =
                {
                    new Purge { Profile = "nothing could follow", Number = long.MaxValue },
                    new Purge { Profile = "negative", Number = -1 },
                    new Purge { Profile = new string('x', 10_000), Number = 5 },
                },
            },
        });

        Assert.Empty((await node.RingAsync()).Purges);
    }

    [Fact]
    public async Task List_Nodes_ShowTheProfilesTheyServe()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await NodeAsync(service, "edge-1", "shop", "evil\u001b[2J\n");

        var profile = Assert.Single((await service.Channel().Admin.NodesAsync(new())).Nodes.Single().Profiles);

        Assert.Equal(new ServedProfile { Name = "shop", ScopeTag = 0xab12cd34, Stateful = true }, profile);
    }

    // Live, and with its first ring acknowledged.
    private static async Task<ScriptedNode> NodeAsync(KeyServiceHarness service, string name, params string[] profiles)
    {
        var node = service.Track(new ScriptedNode(service.Channel(name).Invoker));
        await node.SayAsync(new()
        {
            Hello = new() { Node = name, Profiles = { profiles.Select(profile => new ServedProfile { Name = profile, ScopeTag = 0xab12cd34, Stateful = true }) } },
        });
        var ring = await node.RingAsync();
        await node.AcknowledgeAsync(ring.Generation);
        await Eventually.TrueAsync(async () => (await service.Channel().Admin.NodesAsync(new())).Nodes.Any(status => status.Name == name && status.AcknowledgedGeneration == ring.Generation));
        return node;
    }
}
