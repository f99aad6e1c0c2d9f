using Microsoft.Extensions.Time.Testing;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Nodes;

/// <summary>What heartbeats tell of handshakes, as operators see it.</summary>
public sealed class NodeHandshakesTests
{
    [Fact]
    public async Task Nodes_OneThatBeats_TellsTotalsAndRates()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var service = await KeyServiceHarness.StartAsync(time);
        var channel = service.Channel();
        var node = await service.NodeAsync("edge-1");
        await node.SayAsync(Beat(new HandshakeCounts { Full = 100, Stateless = 100, ResumedFrom = { Named("edge-2", 90) } }));
        await Eventually.TrueAsync(async () => (await NodeAsync(channel.Admin)).Handshakes is { Full: 100, Stateless: 100 });
        Assert.Null((await NodeAsync(channel.Admin)).HandshakesPerSecond());

        time.Advance(TimeSpan.FromSeconds(10));
        await node.SayAsync(Beat(new HandshakeCounts { Full = 110, Stateful = 10, Stateless = 120, Failed = 4, ResumedFrom = { Named("edge-2", 95) }, Declined = { Named("expired", 6) } }));

        await Eventually.TrueAsync(async () => (await NodeAsync(channel.Admin)).RecentHandshakes is not null);
        var told = await NodeAsync(channel.Admin);
        Assert.Equal(4, told.HandshakesPerSecond());
        Assert.Equal(0.75, told.ResumptionRate());
        Assert.Equal([Named("edge-2", 95)], told.Handshakes.ResumedFrom);
        Assert.Equal([Named("edge-2", 5)], told.RecentHandshakes.ResumedFrom);
        Assert.Equal([Named("expired", 6)], told.RecentHandshakes.Declined);
    }

    [Fact]
    public async Task Nodes_OneThatIsGone_HasTotalsAndNoRates()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var service = await KeyServiceHarness.StartAsync(time);
        var channel = service.Channel();
        var node = await service.NodeAsync("edge-1");
        await node.SayAsync(Beat(new HandshakeCounts { Full = 1 }));
        await Eventually.TrueAsync(async () => (await NodeAsync(channel.Admin)).Handshakes is not null);
        time.Advance(TimeSpan.FromSeconds(10));
        await node.SayAsync(Beat(new HandshakeCounts { Full = 11 }));
        await Eventually.TrueAsync(async () => (await NodeAsync(channel.Admin)).HandshakesPerSecond() is 1);

        await node.DisposeAsync();

        await Eventually.TrueAsync(async () => !(await NodeAsync(channel.Admin)).Live);
        var told = await NodeAsync(channel.Admin);
        Assert.Equal(11, told.Handshakes.Full);
        Assert.Null(told.HandshakesPerSecond());
        Assert.Null(told.ResumptionRate());
    }

    [Fact]
    public async Task Nodes_OneThatIsSilentForLong_HasNoRates()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var service = await KeyServiceHarness.StartAsync(time);
        var channel = service.Channel();
        var node = await service.NodeAsync("edge-1");
        await node.SayAsync(Beat(new HandshakeCounts { Full = 1 }));
        await Eventually.TrueAsync(async () => (await NodeAsync(channel.Admin)).Handshakes is not null);
        time.Advance(TimeSpan.FromSeconds(10));
        await node.SayAsync(Beat(new HandshakeCounts { Full = 11 }));
        await Eventually.TrueAsync(async () => (await NodeAsync(channel.Admin)).HandshakesPerSecond() is 1);

        time.Advance(TimeSpan.FromMinutes(3));

        Assert.Null((await NodeAsync(channel.Admin)).HandshakesPerSecond());
    }

    [Fact]
    public async Task Nodes_OneInOtherHands_CanNeitherFloodNorUpsetThem()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var channel = service.Channel();
        var node = await service.NodeAsync("edge-1");
        var told = new HandshakeCounts { Full = long.MaxValue, Stateful = long.MinValue, Stateless = -1, Failed = long.MaxValue };
        told.ResumedFrom.Add([Named("\u001b[2J", 9), Named("", 9), Named(new string('x', 64), 9), Named("edge\n1", 9), Named("<script>", 9), Named("negative", -5)]);
        for (var i = 0; i < 20_000; i++)
        {
            told.ResumedFrom.Add(Named($"edge-{i}", i + 1));
            told.Declined.Add(Named("expired", long.MaxValue));
        }

        await node.SayAsync(Beat(told));

        await Eventually.TrueAsync(async () => (await NodeAsync(channel.Admin)).Handshakes is not null);
        var known = (await NodeAsync(channel.Admin)).Handshakes;
        Assert.Equal((1L << 48, 0, 0, 1L << 48), (known.Full, known.Stateful, known.Stateless, known.Failed));
        Assert.Equal(HandshakeCountsWire.MostNames, known.ResumedFrom.Count);
        Assert.All(known.ResumedFrom, each => Assert.Matches("^edge-19[0-9]{3}$", each.Name));
        Assert.Equal([Named("expired", 1L << 48)], known.Declined);
    }

    [Fact]
    public async Task Nodes_StreamWithAnotherKeyService_AreTheSameThere()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var (leader, follower) = (await set.LeaderAsync(), await set.FollowerAsync());
        var node = await follower.JoinAsync("edge-1");

        await node.SayAsync(Beat(new HandshakeCounts { Full = 5 }));
        await Eventually.TrueAsync(async () => await leader.NodeAsync("edge-1") is { Handshakes.Full: 5 });
        await node.SayAsync(Beat(new HandshakeCounts { Full = 15, Stateless = 10, ResumedFrom = { Named("edge-2", 10) }, Declined = { Named("scope", 3) } }));

        await Eventually.TrueAsync(async () => await leader.NodeAsync("edge-1") is { RecentHandshakes: not null });
        var (here, there) = ((await follower.NodeAsync("edge-1"))!, (await leader.NodeAsync("edge-1"))!);
        Assert.Equal((here.Handshakes, here.RecentHandshakes, here.RecentSpan), (there.Handshakes, there.RecentHandshakes, there.RecentSpan));
        Assert.Equal((10, 0.5, 1, 1), (there.RecentHandshakes.Full, there.ResumptionRate(), there.RecentHandshakes.ResumedFrom.Count, there.RecentHandshakes.Declined.Count));
        Assert.True(there.HandshakesPerSecond() > 0);
    }

    private static SubscribeRequest Beat(HandshakeCounts counts) => new() { Heartbeat = new() { Handshakes = counts } };

    private static NamedCount Named(string name, long count) => new() { Name = name, Count = count };

    private static async Task<NodeMetadata> NodeAsync(KeyAdmin.KeyAdminClient admin) => (await admin.NodesAsync(new())).Nodes.Single();
}
