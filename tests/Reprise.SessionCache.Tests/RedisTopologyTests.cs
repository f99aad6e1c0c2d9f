using Microsoft.Extensions.Logging;
using Reprise.Core.Sessions;
using Reprise.Testing;
using static Reprise.SessionCache.Tests.CacheFixtures;

namespace Reprise.SessionCache.Tests;

/// <summary>Sentinel, Cluster, and a master that becomes a replica: the master is found again, with no restart and no exception.</summary>
public sealed class RedisTopologyTests
{
    private const string Password = "correct-horse-battery-staple";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Sentinel_MasterKilled_GoesOnWithTheNewOneAndAgainWithTheFormer()
    {
        var log = new CapturedLog();
        await RealRedis.RequireAsync();
        await using var set = await RedisSentinel.StartAsync(password: Password, sentinelPassword: "sentinels-own");
        using var files = new TemporaryDirectory();
        await using var cache = await StartAsync(
            $"{string.Join(',', set.Sentinels)},serviceName={RedisSentinel.ServiceName}", log, options =>
            {
                options.PasswordFile = files.Write("password", Password);
                options.SentinelPasswordFile = files.Write("sentinel-password", "sentinels-own");
            });
        await AssertServesAsync(cache);

        var former = await set.FailOverAsync();
        await AssertServesAsync(cache);
        await former.RestartAsync();
        await Eventually.TrueAsync(async () => (await former.Cli.RunAsync("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal), Patience);
        await AssertServesAsync(cache);

        Assert.Same(set.Servers[1], await set.FailOverAsync());
        await AssertServesAsync(cache);
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Error);
    }

    // Nothing breaks here: the former master goes on answering, as a replica.
    [Fact]
    public async Task Sentinel_PlannedFailover_GoesOnWithTheNewMaster()
    {
        await RealRedis.RequireAsync();
        await using var set = await RedisSentinel.StartAsync();
        await using var cache = await StartAsync(set.ConnectionString);
        var former = await set.MasterAsync();

        // Not before the Sentinel has asked the replica how it is, which it does every 10 s.
        var sentinel = new RedisCli(int.Parse(set.Sentinels[0].Split(':')[1], provider: null));
        await Eventually.TrueAsync(async () => await sentinel.TryAsync("SENTINEL", "FAILOVER", RedisSentinel.ServiceName) is "OK", Patience);
        await set.WaitForOtherMasterAsync(former);

        await AssertServesAsync(cache);
    }

    [Fact]
    public async Task Sentinel_AwayAtTheStart_IsFoundWhenItComes()
    {
        var log = new CapturedLog();
        await RealRedis.RequireAsync();
        await using var set = await RedisSentinel.StartAsync();
        await using var relay = TcpRelay.Start(set.Sentinels[0]);
        relay.Refuse();
        await using var cache = await StartAsync($"{relay.Address},serviceName={RedisSentinel.ServiceName}", log);

        Assert.Equal(CacheAnswer.Fault, await cache.GetAsync(Key()));
        Assert.Equal(1, log.Count("not reachable"));
        relay.Accept();

        await AssertServesAsync(cache);
        Assert.Equal(1, log.Count("Session store: connected"));
    }

    [Fact]
    public async Task Sentinel_AwayAtTheStart_DisposesWithoutItsComing()
    {
        await using var relay = TcpRelay.Start("127.0.0.1:1");
        var cache = await StartAsync($"{relay.Address},serviceName={RedisSentinel.ServiceName}");

        await cache.DisposeAsync();

        Assert.False(cache.Connected);
    }

    [Fact]
    public async Task Cluster_Resharded_FindsEachKeyWhereItIsNow()
    {
        await RealRedis.RequireAsync();
        await using var cluster = await RedisCluster.StartAsync(password: Password);
        await using var cache = await StartAsync(cluster.ConnectionString);
        var keys = Enumerable.Range(0, 300).Select(_ => Key()).ToList();
        foreach (var key in keys)
            await Eventually.TrueAsync(() => cache.SetAsync(key, Value, Hour, singleUse: false).AsTask(), Patience);

        await cluster.ReshardAsync(from: 0, to: 1, slots: 2000);

        foreach (var key in keys)
            await Eventually.TrueAsync(async () => (await cache.GetAsync(key)).Value is not null, Patience);
        foreach (var key in keys)
            await Eventually.TrueAsync(async () => (await cache.TakeAsync(key)).Value is not null, Patience);
    }

    [Fact]
    public async Task Cluster_OneMasterAway_ServesWhatTheOthersHold()
    {
        var log = new CapturedLog();
        await RealRedis.RequireAsync();
        await using var cluster = await RedisCluster.StartAsync();
        foreach (var master in cluster.Masters)
            await master.Cli.RunAsync("CONFIG", "SET", "cluster-require-full-coverage", "no");
        await using var cache = await StartAsync(cluster.ConnectionString, log);

        await cluster.Masters[2].KillAsync();
        await Eventually.TrueAsync(() => log.Count($"connection to {cluster.Masters[2].Address} lost") == 1, Patience);

        Assert.True(cache.Connected);
        for (var i = 0; i < 20; i++)
            await Eventually.TrueAsync(() => cache.SetAsync(Key(), Value, Hour, singleUse: false).AsTask(), Patience);
    }

    [Fact]
    public async Task Cluster_SlotsMissing_IsAWarning()
    {
        var log = new CapturedLog();
        await using var server = await RealRedis.StartAsync(new RedisOptions { Arguments = ["--cluster-enabled", "yes", "--cluster-port", $"{FreePort.NextRange(1)}"] });
        await server.Cli.RunAsync("CLUSTER", "ADDSLOTSRANGE", "0", "100");
        await using var cache = await StartAsync(server.ConnectionString, log);

        await Eventually.TrueAsync(() => log.Count("says cluster_state fail (101 of 16384 slots served)") == 1, Patience);
    }

    [Fact]
    public async Task Set_MasterThatBecameAReplica_IsAFaultUntilItIsOneAgain()
    {
        var log = new CapturedLog();
        await using var server = await RealRedis.StartAsync();
        await using var cache = await StartAsync(server.ConnectionString, log);
        await AssertServesAsync(cache);

        await server.Cli.RunAsync("REPLICAOF", "127.0.0.1", "1");
        await Eventually.TrueAsync(async () => !await cache.SetAsync(Key(), Value, Hour, singleUse: false) && cache.StoreBreaker is not BreakerState.Closed, Patience);
        await server.Cli.RunAsync("REPLICAOF", "NO", "ONE");

        await AssertServesAsync(cache);
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Error);
    }
}
