using Microsoft.Extensions.Logging;
using Reprise.Core.Sessions;
using Reprise.Testing;
using static Reprise.SessionCache.Tests.CacheFixtures;

namespace Reprise.SessionCache.Tests;

/// <summary>A store that is away, silent, cut or back empty: answers are faults or misses, and it is used again by itself.</summary>
public sealed class RedisFaultTests(RedisFixture redis)
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Start_Refused_IsAFaultUntilItListens()
    {
        var log = new CapturedLog();
        await using var relay = TcpRelay.Start(redis.Server.Port);
        relay.Refuse();
        await using var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address), log);

        await AssertFaultsAsync(cache);
        Assert.Equal(1, log.Count("not reachable"));
        relay.Accept();
        await AssertRecoversAsync(cache);
        Assert.Equal(1, log.Count("Session store: connected"));
    }

    [Fact]
    public async Task Start_NameThatDoesNotResolve_IsAFault()
    {
        var log = new CapturedLog();
        await using var cache = await StartAsync("no-such-host.invalid:6379", log);

        await AssertFaultsAsync(cache);
        Assert.Equal(1, log.Count("not reachable"));
    }

    [Fact]
    public async Task Start_BlackHoled_IsAFaultUntilItAnswers()
    {
        await using var relay = TcpRelay.Start(redis.Server.Port);
        relay.Stalled = true;
        await using var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address));

        await AssertFaultsAsync(cache);
        relay.Stalled = false;
        await AssertRecoversAsync(cache);
    }

    [Fact]
    public async Task Get_Cut_IsAFaultAndThenRecovers()
    {
        var log = new CapturedLog();
        await using var relay = TcpRelay.Start(redis.Server.Port);
        await using var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address), log);

        for (var i = 1; i <= 2; i++)
        {
            relay.Refuse();
            relay.CutAll();
            await Eventually.TrueAsync(() => !cache.Connected, Recovery);
            await AssertFaultsAsync(cache);
            relay.Accept();
            await AssertRecoversAsync(cache);
            Assert.Equal(i, log.Count("connection lost"));
            Assert.Equal(i + 1, log.Count("Session store: connected"));
        }

        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Get_Stalled_IsAFaultAndThenRecovers()
    {
        await using var relay = TcpRelay.Start(redis.Server.Port);
        await using var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address));
        var key = Key();
        Assert.True(await cache.SetAsync(key, Value, Hour, singleUse: false));

        relay.Stalled = true;
        Assert.Equal(CacheAnswer.Late, await cache.GetAsync(key)); // it was asked, unlike one that is not connected
        await AssertFaultsAsync(cache);
        relay.Stalled = false;

        await Eventually.TrueAsync(async () => (await cache.GetAsync(key)).Value is not null, Recovery);
    }

    // A caller is a loop with other handshakes to see to. A call that had waited for room or for its time-out would come back ended.
    [Fact]
    public async Task Set_IntoAStalledConnection_ComesBackToItsCallerUnended()
    {
        await using var relay = TcpRelay.Start(redis.Server.Port);
        await using var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address));
        await AssertServesAsync(cache);

        relay.Stalled = true;
        var calls = new List<Task>();
        var value = new byte[64_000]; // 300 of them are more than sockets and buffers hold
        var ended = 0;
        for (var i = 0; i < 300; i++)
        {
            Task set = cache.SetAsync(Key(), value, Hour, singleUse: false).AsTask();
            Task get = cache.GetAsync(Key()).AsTask();
            ended += (set.IsCompleted ? 1 : 0) + (get.IsCompleted ? 1 : 0);
            calls.AddRange(set, get);
        }

        relay.Stalled = false;
        await Task.WhenAll(calls);
        Assert.Equal(0, ended);
    }

    [Fact]
    public async Task Get_CutInTheMiddleOfAnAnswer_IsAFault()
    {
        await using var relay = TcpRelay.Start(redis.Server.Port);
        await using var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address));
        var key = Key();
        Assert.True(await cache.SetAsync(key, new byte[100_000], Hour, singleUse: false));

        relay.CutAfter(RelayDirection.ToClient, relay.BytesToClient + 10_000);
        Assert.Equal(CacheAnswer.Fault, await cache.GetAsync(key));
        relay.CutAfter(RelayDirection.ToClient, null);

        await AssertRecoversAsync(cache);
    }

    [Fact]
    public async Task Get_RestartedEmpty_IsAMissAndStoresAgain()
    {
        await using var server = await RedisServer.StartAsync();
        await using var cache = await StartAsync(server.ConnectionString);
        var key = Key();
        Assert.True(await cache.SetAsync(key, Value, Hour, singleUse: false));

        await server.KillAsync();
        await Eventually.TrueAsync(() => !cache.Connected, Recovery);
        await AssertFaultsAsync(cache);
        await server.RestartAsync();

        await AssertRecoversAsync(cache);
        Assert.Equal(CacheAnswer.Miss, await cache.GetAsync(key));
    }

    // An answer that never comes is no reason not to start, and none to leave the store unused for ever.
    [Fact]
    public async Task Start_SilentDuringTheCheck_StartsAndIsCheckedAgain()
    {
        var log = new CapturedLog();
        await using var relay = TcpRelay.Start(redis.Server.Port);
        relay.StallAt = "\r\nsave\r\n"u8.ToArray();
        await using var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address), log);

        Assert.True(relay.Stalled);
        Assert.False(cache.Connected);
        Assert.Equal(1, log.Count("could not be checked"));
        relay.Stalled = false;

        await AssertRecoversAsync(cache);
    }

    [Fact]
    public async Task Restored_SilentDuringTheCheck_IsCheckedAgain()
    {
        await using var relay = TcpRelay.Start(redis.Server.Port);
        await using var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address));

        relay.StallAt = "\r\nsave\r\n"u8.ToArray();
        relay.CutAll();
        await Eventually.TrueAsync(() => relay.Stalled, Recovery);
        await AssertFaultsAsync(cache); // not used before it is known to be fit
        relay.Stalled = false;

        await AssertRecoversAsync(cache);
    }

    private static async Task AssertFaultsAsync(RedisSessionCache cache)
    {
        Assert.True((await cache.GetAsync(Key())).Faulted);
        Assert.True((await cache.TakeAsync(Key())).Faulted);
        Assert.False(await cache.SetAsync(Key(), Value, Hour, singleUse: true));
    }

    private static async Task AssertRecoversAsync(RedisSessionCache cache)
    {
        // Not Connected alone: after a silence the client may give up one more connection, which is one more fault and no defect.
        await Eventually.TrueAsync(
            async () =>
            {
                var key = Key();
                return await cache.SetAsync(key, Value, Hour, singleUse: true) && (await cache.TakeAsync(key)).Value?.SequenceEqual(Value) == true;
            },
            Recovery);
        Assert.True(cache.Connected);
    }
}
