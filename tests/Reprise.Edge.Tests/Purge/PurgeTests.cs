using Grpc.Core;
using Reprise.Core.Sessions;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;
using StackExchange.Redis;
using static Reprise.Edge.Tests.Purge.ThreeEdges;

namespace Reprise.Edge.Tests.Purge;

/// <summary>One call ends stored sessions on all nodes: in the store, in the near caches, and for whoever kept a copy of the store.</summary>
public sealed class PurgeTests(EdgeWorld world)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Purge_OfOneProfile_EndsItsSessionsOnAllNodesAndNoOthers()
    {
        await using var edges = await ThreeEdges.StartAsync(world);
        var ids = new Dictionary<string, Held>();
        foreach (var host in new[] { EdgeSettings.Stateful, Other })
        {
            ids[host] = await edges.FullAsync(0, "1.2", host);
            for (var node = 0; node < 3; node++) // and so into every near cache
                AssertResumed("stateful", await edges.OfferAsync(node, ids[host]));
        }

        var handle = await edges.FullAsync(1, "1.3", EdgeSettings.Stateful);
        var otherHandle = await edges.FullAsync(1, "1.3", Other);
        var ticket = await edges.FullAsync(0, "1.3", EdgeSettings.Stateless, mode: "stateless");
        var dump = await edges.DumpAsync();
        foreach (var node in edges.Nodes)
            await node.MetricsSayAsync(now => now.Sum("reprise_near_cache_entries", ("profile", "stateful")) == 1 && now.Sum("reprise_near_cache_entries", ("profile", "default")) == 1);

        var purged = await edges.PurgeAsync(new PurgeSessionsRequest { Profile = "stateful" });

        Assert.Equal(["edge-1", "edge-2", "edge-3"], purged.Acknowledgements.Nodes.Select(node => node.Node));
        Assert.All(purged.Acknowledgements.Nodes, node => Assert.True(node.HasMilliseconds));
        Assert.Empty(purged.Acknowledgements.Laggards);
        for (var node = 0; node < 3; node++)
        {
            AssertPurged(await edges.OfferAsync(node, ids[EdgeSettings.Stateful]));
            AssertResumed("stateful", await edges.OfferAsync(node, ids[Other]));
        }

        AssertPurged(await edges.OfferAsync(2, handle));
        AssertResumed("stateful", await edges.OfferAsync(2, otherHandle));
        AssertResumed("stateless", await edges.OfferAsync(2, ticket));

        // Whoever writes the old values back brings nothing back.
        await edges.Judge.GetDatabase().StringSetAsync([.. dump.Select(entry => KeyValuePair.Create(entry.Key, (RedisValue)entry.Value))]);
        for (var node = 0; node < 3; node++)
            AssertPurged(await edges.OfferAsync(node, ids[EdgeSettings.Stateful]));
        AssertPurged(await edges.OfferAsync(0, handle));

        // What comes after it is like before it.
        var next = await edges.FullAsync(2, "1.2", EdgeSettings.Stateful);
        AssertResumed("stateful", await edges.OfferAsync(0, next));
        foreach (var node in edges.Nodes)
            Assert.Empty(node.Errors);
    }

    [Fact]
    public async Task Purge_OfAll_HoldsOverRestartsOfNodesAndOfTheKeyService()
    {
        await using var edges = await ThreeEdges.StartAsync(world);
        var id = await edges.FullAsync(0, "1.2", EdgeSettings.Stateful);
        var other = await edges.FullAsync(1, "1.2", Other);
        AssertResumed("stateful", await edges.OfferAsync(1, id));
        var dump = await edges.DumpAsync();

        var purged = await edges.PurgeAsync(new PurgeSessionsRequest { All = true });
        Assert.Empty(purged.Acknowledgements.Laggards);
        await RestoreAsync();
        await AssertAllPurgedAsync();

        await edges.RestartAsync(2);
        await RestoreAsync();
        await AssertAllPurgedAsync();

        // It remembers nothing; the nodes do, and tell it. They still hold the epochs that these sessions were sealed under.
        await edges.RestartKeyServiceAsync();
        await RestoreAsync();
        await AssertAllPurgedAsync();
        using (var admin = edges.Admin())
            Assert.Equal([new KeyProtocol.V1.Purge { Number = purged.Number }], (await admin.Admin.ListAsync(new ListRequest())).Purges);

        var next = await edges.FullAsync(2, "1.2", Other);
        AssertResumed("stateful", await edges.OfferAsync(0, next));

        async Task RestoreAsync() => await edges.Judge.GetDatabase().StringSetAsync([.. dump.Select(entry => KeyValuePair.Create(entry.Key, (RedisValue)entry.Value))]);

        async Task AssertAllPurgedAsync()
        {
            for (var node = 0; node < 3; node++)
            {
                foreach (var held in new[] { id, other })
                    Assert.Equal((HandshakeKind.Full, "full"), await KindAsync(node, held));
            }
        }

        async Task<(HandshakeKind, string?)> KindAsync(int node, Held held)
        {
            var visit = await edges.OfferAsync(node, held);
            return (visit.Kind, visit.Mode);
        }
    }

    [Fact]
    public async Task Purge_OfOneProfile_FreesTheStoresMemoryOfItAlone()
    {
        await using var edges = await ThreeEdges.StartAsync(world);
        await edges.FullAsync(0, "1.2", EdgeSettings.Stateful);
        var shop = Assert.Single(await edges.DumpAsync());
        await edges.FullAsync(0, "1.2", Other);
        var other = (await edges.DumpAsync()).Single(entry => entry.Header.ScopeTag != shop.Header.ScopeTag);
        var database = edges.Judge.GetDatabase();
        await Task.WhenAll(Enumerable.Range(0, 3000).Select(_ => database.StringSetAsync(NewKey(), shop.Value, TimeSpan.FromHours(1))));
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => database.StringSetAsync(NewKey(), other.Value, TimeSpan.FromHours(1))));
        await database.StringSetAsync(NewKey(), "of no format", TimeSpan.FromHours(1));
        var before = await UsedMemoryAsync();

        await edges.PurgeAsync(new PurgeSessionsRequest { Profile = "stateful" });

        await Eventually.TrueAsync(async () => (await edges.DumpAsync()).All(entry => entry.Header.ScopeTag == other.Header.ScopeTag), Patience);
        Assert.Equal(51, (await edges.DumpAsync()).Count);
        Assert.Equal(53, await database.Multiplexer.GetServers().Single().DatabaseSizeAsync()); // with the claim, which ends by itself
        if (edges.Redis.Kind is not RedisKind.Garnet)
            await Eventually.TrueAsync(async () => before - await UsedMemoryAsync() > 3000 * 250, Patience); // it frees in the background
        await Eventually.TrueAsync(() => edges.Nodes.Sum(node => node.Process.Lines.Count(line => line.Contains("sessions removed from the store", StringComparison.Ordinal))) == 1, Patience);

        async Task<long> UsedMemoryAsync() => edges.Redis.Kind is RedisKind.Garnet ? 0
            : long.Parse((await edges.Judge.GetServers().Single().InfoAsync("memory")).SelectMany(group => group).Single(pair => pair.Key == "used_memory").Value, provider: null);

        static string NewKey() => SessionKey.OfSessionId(Guid.NewGuid().ToByteArray()).Text;
    }

    [Fact]
    public async Task Purge_OfNothingOrOfAnUnknownProfile_IsRefused()
    {
        await using var keys = await world.StartKeyServiceAsync();
        using var admin = world.Admin(keys.Ready.GetProperty("grpc").GetString()!);

        Assert.Equal(StatusCode.InvalidArgument, (await FaultAsync(new PurgeSessionsRequest())).StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, (await FaultAsync(new PurgeSessionsRequest { Profile = "" })).StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, (await FaultAsync(new PurgeSessionsRequest { All = false })).StatusCode);
        Assert.Equal(StatusCode.NotFound, (await FaultAsync(new PurgeSessionsRequest { Profile = "nobody" })).StatusCode);

        async Task<RpcException> FaultAsync(PurgeSessionsRequest request) =>
            await Assert.ThrowsAsync<RpcException>(async () => await admin.Admin.PurgeSessionsAsync(request));
    }

    private static void AssertResumed(string mode, Visit visit) => Assert.True((visit.Kind, visit.Mode) == (HandshakeKind.Resumed, mode), visit.ToString());

    private static void AssertPurged(Visit visit) =>
        Assert.True((visit.Kind, visit.Mode, visit.Declined) == (HandshakeKind.Full, "full", "store_miss"), visit.ToString());
}
