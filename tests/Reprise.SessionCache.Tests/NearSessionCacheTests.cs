using Reprise.Core.Sessions;
using Reprise.Testing;
using StackExchange.Redis;
using static Reprise.SessionCache.Tests.CacheFixtures;

namespace Reprise.SessionCache.Tests;

public sealed class NearSessionCacheTests(RedisFixture redis)
{
    [Fact]
    public async Task Get_StoredHere_DoesNotAskTheStore()
    {
        await using var store = await StartAsync(redis.Server.ConnectionString);
        var near = Near(store);
        var key = Key();
        Assert.True(await near.SetAsync(key, Value, Hour, singleUse: false));

        Assert.Equal(Value, (await near.GetAsync(key)).Value);
        Assert.Equal((1, 0), (near.Hits, near.Misses));
    }

    [Fact]
    public async Task Get_FoundOnce_DoesNotAskTheStoreAgain()
    {
        await using var store = await StartAsync(redis.Server.ConnectionString);
        var near = Near(store);
        var key = Key();
        var sealedSession = Sealed(200);
        Assert.True(await store.SetAsync(key, sealedSession, Hour, singleUse: false));

        Assert.Equal(sealedSession, (await near.GetAsync(key)).Value);
        Assert.Equal(sealedSession, (await near.GetAsync(key)).Value);
        Assert.Equal((1, 1), (near.Hits, near.Misses));
    }

    // Whoever can write to the store must not fill the node's memory through it.
    [Fact]
    public async Task Get_WhatNoNodeStores_IsNotKept()
    {
        await using var store = await StartAsync(redis.Server.ConnectionString);
        var near = Near(store);
        foreach (var value in (byte[][])[Value, Sealed(64 * 1024 + 1)])
        {
            var key = Key();
            Assert.True(await store.SetAsync(key, value, Hour, singleUse: false));

            Assert.Equal(value, (await near.GetAsync(key)).Value);
        }

        Assert.Equal(0, near.Count);
    }

    [Fact]
    public async Task Get_Miss_IsNotKept()
    {
        await using var store = await StartAsync(redis.Server.ConnectionString);
        var near = Near(store);
        var key = Key();

        Assert.Equal(CacheAnswer.Miss, await near.GetAsync(key));
        Assert.True(await store.SetAsync(key, Value, Hour, singleUse: false)); // by another node
        Assert.Equal(Value, (await near.GetAsync(key)).Value);
    }

    [Fact]
    public async Task Take_StoredHere_IsSingleUseAllTheSame()
    {
        await using var store = await StartAsync(redis.Server.ConnectionString);
        var near = Near(store);
        var key = Key();
        Assert.True(await near.SetAsync(key, Value, Hour, singleUse: true));

        Assert.Equal(0, near.Count);
        Assert.Equal(Value, (await near.TakeAsync(key)).Value);
        Assert.Equal(CacheAnswer.Spent, await near.TakeAsync(key));
        Assert.Equal(CacheAnswer.Spent, await near.GetAsync(key));
    }

    [Fact]
    public async Task Get_StoreAway_IsAFaultAsOnEveryOtherNode()
    {
        await using var relay = TcpRelay.Start(redis.Server.Port);
        await using var store = await StartAsync(redis.Server.ConnectionStringTo(relay.Address));
        var near = Near(store);
        var key = Key();
        Assert.True(await near.SetAsync(key, Value, Hour, singleUse: false));

        relay.Refuse();
        relay.CutAll();
        await Eventually.TrueAsync(() => !store.Connected);

        Assert.Equal(CacheAnswer.Fault, await near.GetAsync(key));
    }

    [Fact]
    public async Task Set_NotStored_IsNotKept()
    {
        await using var store = Create(redis.Server.ConnectionString); // never connected
        var near = Near(store);

        Assert.False(await near.SetAsync(Key(), Value, Hour, singleUse: false));
        Assert.Equal(0, near.Count);
    }

    [Fact]
    public async Task Get_NoEntriesAllowed_AsksTheStoreEachTime()
    {
        await using var store = await StartAsync(redis.Server.ConnectionString);
        var near = Near(store, entries: 0);
        var key = Key();
        Assert.True(await near.SetAsync(key, Value, Hour, singleUse: false));
        await using var judge = await ConnectionMultiplexer.ConnectAsync(redis.Server.ConnectionString);
        await judge.GetDatabase().KeyDeleteAsync(key.Text);

        Assert.Equal(CacheAnswer.Miss, await near.GetAsync(key));
    }

    [Fact]
    public async Task Set_MoreThanItHolds_StaysWithinItsCapacity()
    {
        await using var store = await StartAsync(redis.Server.ConnectionString);
        var near = Near(store, entries: 16);
        for (var i = 0; i < 200; i++)
            Assert.True(await near.SetAsync(Key(), Value, Hour, singleUse: false));

        Assert.InRange(near.Count, 1, 17);
    }

    [Fact]
    public async Task Set_MoreThanItHolds_CountsWhatHadToGo()
    {
        await using var store = await StartAsync(redis.Server.ConnectionString);
        var near = Near(store, entries: 16);
        for (var i = 0; i < 200; i++)
            Assert.True(await near.SetAsync(Key(), Value, Hour, singleUse: false));

        Assert.Equal(200, near.Evictions + near.Count);
    }

    [Fact]
    public async Task Get_OlderThanItsAge_AsksTheStore()
    {
        await using var store = await StartAsync(redis.Server.ConnectionString);
        var near = new NearSessionCache(store, 1000, TimeSpan.FromMilliseconds(50));
        var key = Key();
        Assert.True(await near.SetAsync(key, Value, Hour, singleUse: false));

        await Eventually.TrueAsync(async () => (await near.GetAsync(key)).Value is not null && near.Misses > 0);
    }

    [Fact]
    public async Task Clear_AfterAPurge_LeavesNothing()
    {
        await using var store = await StartAsync(redis.Server.ConnectionString);
        var near = Near(store);
        Assert.True(await near.SetAsync(Key(), Value, Hour, singleUse: false));

        near.Clear();

        Assert.Equal(0, near.Count);
        Near(store, entries: 0).Clear();
    }

    [Fact]
    public async Task Keep_EpochsOfTheRing_DropsTheOthersAndWhatIsNoSession()
    {
        await using var store = await StartAsync(redis.Server.ConnectionString);
        var near = Near(store);
        var keys = new Dictionary<long, SessionKey>();
        foreach (var epoch in new long[] { 10, 11, 12 })
        {
            keys[epoch] = Key();
            Assert.True(await near.SetAsync(keys[epoch], Header(epoch), Hour, singleUse: false));
        }

        Assert.True(await near.SetAsync(Key(), Value, Hour, singleUse: false));
        await using var judge = await ConnectionMultiplexer.ConnectAsync(redis.Server.ConnectionString);
        foreach (var key in keys.Values)
            await judge.GetDatabase().KeyDeleteAsync(key.Text);

        near.Keep(epoch => epoch >= 11);

        Assert.Equal(2, near.Count);
        var found = await Task.WhenAll(keys.Values.Select(async key => (await near.GetAsync(key)).Value is not null));
        Assert.Equal([false, true, true], found);
        Near(store, entries: 0).Keep(_ => false);
    }

    private static NearSessionCache Near(RedisSessionCache store, int entries = 1000) => new(store, entries, TimeSpan.FromMinutes(5));

    // By its first byte, the format's version, and its length: the near cache opens nothing.
    private static byte[] Sealed(int length)
    {
        var value = new byte[length];
        value[0] = 1;
        return value;
    }
}
