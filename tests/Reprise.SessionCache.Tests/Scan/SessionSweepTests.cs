using Reprise.SessionCache.Scan;
using Reprise.Testing;
using StackExchange.Redis;
using static Reprise.SessionCache.Tests.CacheFixtures;

namespace Reprise.SessionCache.Tests.Scan;

public sealed class SessionSweepTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private ConnectionMultiplexer _judge = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _judge = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _judge.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Run_SomePurged_RemovesThoseAndNothingElse()
    {
        await using var store = await StartAsync(_redis.ConnectionString);
        for (var i = 0; i < 500; i++) // several pages
            Assert.True(await store.SetAsync(Key(), Header(1, scopeTag: 1, purge: i % 2), Hour, singleUse: false));
        Assert.True(await store.SetAsync(Key(), Header(1, scopeTag: 2), Hour, singleUse: false));
        await _judge.GetDatabase().StringSetAsync("reprise:s:{broken}", "x");
        await _judge.GetDatabase().StringSetAsync("somebody:elses", Header(1));

        var result = await new SessionSweep(store, TimeProvider.System).RunAsync(7, claimed: false, header => header is { ScopeTag: 1, Purge: < 1 }, CancellationToken.None);

        Assert.Equal(new SweepResult(SweepEnd.Done, true, 502, 250), result);
        Assert.Equal(254, await _judge.GetServers().Single().DatabaseSizeAsync()); // 250, three more, and the claim
        Assert.True(await _judge.GetDatabase().KeyTimeToLiveAsync("reprise:sweep:{7}") > TimeSpan.Zero);
    }

    [Fact]
    public async Task Run_ByTwoNodes_IsOnesToDo()
    {
        await using var one = await StartAsync(_redis.ConnectionString);
        await using var two = await StartAsync(_redis.ConnectionString);
        Assert.True(await one.SetAsync(Key(), Header(1), Hour, singleUse: false));

        var results = await Task.WhenAll(new[] { one, two }.Select(store => new SessionSweep(store, TimeProvider.System).RunAsync(7, false, _ => true, CancellationToken.None)));

        Assert.Equal([SweepEnd.Done, SweepEnd.Others], results.Select(result => result.End).Order());
        Assert.Equal(1, results.Sum(result => result.Removed));
        Assert.Equal(SweepEnd.Done, (await new SessionSweep(two, TimeProvider.System).RunAsync(8, false, _ => true, CancellationToken.None)).End); // the next purge is anybody's
    }

    [Fact]
    public async Task Run_StoreAway_FailsWithoutAnExceptionAndCanBeTriedAgain()
    {
        await using var store = await StartAsync(_redis.ConnectionString);
        Assert.True(await store.SetAsync(Key(), Header(1), Hour, singleUse: false));
        var sweep = new SessionSweep(store, TimeProvider.System);
        var claimed = (await sweep.RunAsync(7, false, _ => false, CancellationToken.None)).Claimed;

        await _redis.KillAsync();
        Assert.Equal(SweepEnd.Failed, (await sweep.RunAsync(7, claimed, _ => true, CancellationToken.None)).End);
        await _redis.RestartAsync();
        await Eventually.TrueAsync(() => store.Connected, TimeSpan.FromSeconds(60));

        Assert.Equal(SweepEnd.Done, (await sweep.RunAsync(7, claimed, _ => true, CancellationToken.None)).End);
    }

    [Fact]
    public async Task Run_OnACluster_GoesThroughEveryMaster()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var store = await StartAsync(cluster.ConnectionString);
        for (var i = 0; i < 300; i++)
            Assert.True(await store.SetAsync(Key(), Header(1, purge: i % 3), Hour, singleUse: false));

        var before = await ReadAsync();
        var result = await new SessionSweep(store, TimeProvider.System).RunAsync(7, false, header => header.Purge < 1, CancellationToken.None);

        Assert.Equal(new SweepResult(SweepEnd.Done, true, 300, 100), result);
        Assert.Equal((300, 200), (before.Count, (await ReadAsync()).Count));
        Assert.NotNull(before.Scopes.Single().Bytes);

        Task<SessionStatistics> ReadAsync() => SessionStatistics.ReadAsync(
            new RedisSessionCacheOptions { Redis = cluster.ConnectionString }, 1000, DateTimeOffset.UnixEpoch, CancellationToken.None);
    }
}
