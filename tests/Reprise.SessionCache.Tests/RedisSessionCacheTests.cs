using Reprise.Core.Sessions;
using StackExchange.Redis;
using static Reprise.SessionCache.Tests.CacheFixtures;

namespace Reprise.SessionCache.Tests;

public sealed class RedisSessionCacheTests(RedisFixture redis) : IAsyncLifetime
{
    private RedisSessionCache _cache = null!;
    private ConnectionMultiplexer _judge = null!;

    public async ValueTask InitializeAsync()
    {
        _cache = await StartAsync(redis.Server.ConnectionString);
        _judge = await ConnectionMultiplexer.ConnectAsync(redis.Server.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _cache.DisposeAsync();
        await _judge.DisposeAsync();
    }

    [Fact]
    public async Task Get_WhatWasSet_GivesItBackEachTime()
    {
        var key = Key();
        Assert.True(await _cache.SetAsync(key, Value, Hour, singleUse: false));

        for (var i = 0; i < 3; i++)
        {
            var answer = await _cache.GetAsync(key);
            Assert.Equal(Value, answer.Value);
            Assert.False(answer.Faulted);
        }
    }

    [Fact]
    public async Task Get_WhatAnotherNodeSet_GivesIt()
    {
        var key = Key();
        await using var other = await StartAsync(redis.Server.ConnectionString);
        Assert.True(await other.SetAsync(key, Value, Hour, singleUse: false));

        Assert.Equal(Value, (await _cache.GetAsync(key)).Value);
    }

    [Fact]
    public async Task Get_Unknown_IsAMissAndNoFault()
    {
        Assert.Equal(CacheAnswer.Miss, await _cache.GetAsync(Key()));
        Assert.Equal(CacheAnswer.Miss, await _cache.TakeAsync(Key()));
    }

    [Fact]
    public async Task Set_Always_IsUnderItsKeyWithATimeToLive()
    {
        var key = Key();
        Assert.True(await _cache.SetAsync(key, Value, TimeSpan.FromMinutes(10), singleUse: true));

        Assert.Equal(Value, (byte[]?)await _judge.GetDatabase().StringGetAsync(key.Text));
        Assert.InRange((await _judge.GetDatabase().KeyTimeToLiveAsync(key.Text))!.Value, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Set_WithNoTimeLeft_StoresNothing(int seconds)
    {
        var key = Key();

        Assert.False(await _cache.SetAsync(key, Value, TimeSpan.FromSeconds(seconds), singleUse: false));
        Assert.False(await _judge.GetDatabase().KeyExistsAsync(key.Text));
    }

    [Fact]
    public async Task Set_WithLessThanAMillisecondLeft_ThrowsNothing()
    {
        var key = Key();
        await _cache.SetAsync(key, Value, TimeSpan.FromTicks(1), singleUse: false);

        Assert.False((await _judge.GetDatabase().KeyTimeToLiveAsync(key.Text)) > TimeSpan.FromSeconds(1));
        if (await _judge.GetDatabase().KeyExistsAsync(key.Text))
            Assert.NotNull(await _judge.GetDatabase().KeyTimeToLiveAsync(key.Text)); // never without an end
    }

    [Fact]
    public async Task Take_ByFiftyAtOnceOnTwoNodes_IsOnesOnly()
    {
        var key = Key();
        await using var other = await StartAsync(redis.Server.ConnectionString);
        Assert.True(await _cache.SetAsync(key, Value, Hour, singleUse: true));

        var takers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => (i % 2 == 0 ? _cache : other).TakeAsync(key).AsTask())));

        Assert.Equal(Value, Assert.Single(takers, answer => answer.Value is not null).Value);
        Assert.Equal(49, takers.Count(answer => answer == CacheAnswer.Spent));
    }

    [Fact]
    public async Task Take_Again_IsSpentForAWhileAndNothingIsLeftOfTheValue()
    {
        var key = Key();
        Assert.True(await _cache.SetAsync(key, Value, Hour, singleUse: true));
        Assert.Equal(Value, (await _cache.TakeAsync(key)).Value);

        Assert.Equal(CacheAnswer.Spent, await _cache.TakeAsync(key));
        Assert.Equal(CacheAnswer.Spent, await _cache.GetAsync(key));
        Assert.Equal([0], (byte[]?)await _judge.GetDatabase().StringGetAsync(key.Text));
        Assert.InRange((await _judge.GetDatabase().KeyTimeToLiveAsync(key.Text))!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        await _judge.GetDatabase().KeyDeleteAsync(key.Text); // its time is over
        Assert.Equal(CacheAnswer.Miss, await _cache.TakeAsync(key));
        Assert.False(await _judge.GetDatabase().KeyExistsAsync(key.Text)); // what never was there leaves no mark
    }

    [Fact]
    public async Task Get_ValueOfAnotherKind_IsAFault()
    {
        var key = Key();
        await _judge.GetDatabase().HashSetAsync(key.Text, "field", "value");

        Assert.Equal(CacheAnswer.Fault, await _cache.GetAsync(key));
        Assert.Equal(CacheAnswer.Fault, await _cache.TakeAsync(key));
    }

    [Fact]
    public async Task Get_AfterDispose_IsAFault()
    {
        await _cache.DisposeAsync();

        Assert.Equal(CacheAnswer.Fault, await _cache.GetAsync(Key()));
        Assert.Equal(CacheAnswer.Fault, await _cache.TakeAsync(Key()));
        Assert.False(await _cache.SetAsync(Key(), Value, Hour, singleUse: true));
        Assert.False(_cache.Connected);
    }

    [Fact]
    public async Task Get_WhileBeingDisposed_IsAnAnswer()
    {
        var key = Key();
        var asking = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
                await _cache.GetAsync(key);
        })).ToList();
        await _cache.GetAsync(key);
        await _cache.DisposeAsync();

        await Task.WhenAll(asking);
    }

    [Fact]
    public async Task Get_BeforeStart_IsAFault()
    {
        await using var cache = Create(redis.Server.ConnectionString);

        Assert.Equal(CacheAnswer.Fault, await cache.GetAsync(Key()));
        Assert.False(await cache.SetAsync(Key(), Value, Hour, singleUse: false));
        Assert.False(cache.Connected);
    }
}
