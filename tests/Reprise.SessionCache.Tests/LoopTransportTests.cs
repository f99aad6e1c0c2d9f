using Microsoft.Extensions.Logging;
using Reprise.Core.Sessions;
using Reprise.Testing;
using static Reprise.SessionCache.Tests.CacheFixtures;

namespace Reprise.SessionCache.Tests;

/// <summary>
/// The library on connections that it has not made: it serves by them, hears of their ends, and goes its own way for TLS. With a node's
/// own loops this is what every test of the edge with a store runs on.
/// </summary>
public sealed class LoopTransportTests(RedisFixture redis) : IDisposable
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);

    private readonly SocketConnections _connections = new();

    public void Dispose() => _connections.Dispose();

    [Fact]
    public async Task Commands_InTheClear_GoByConnectionsOfTheHosts()
    {
        await using var cache = await StartAsync(redis.Server.ConnectionString, connections: _connections);

        await AssertServesAsync(cache);

        Assert.Equal(1, _connections.Made);
    }

    [Fact]
    public async Task Commands_ManyAtOnce_EachGetTheirOwnAnswer()
    {
        await using var cache = await StartAsync(redis.Server.ConnectionString, connections: _connections);
        var keys = Enumerable.Range(0, 2000).Select(i => (Key: Key(), Value: BitConverter.GetBytes(i))).ToList();

        Assert.All(await Task.WhenAll(keys.Select(one => cache.SetAsync(one.Key, one.Value, Hour, singleUse: true).AsTask())), Assert.True);
        var taken = await Task.WhenAll(keys.Select(one => Task.Run(() => cache.TakeAsync(one.Key).AsTask())));

        Assert.Equal(keys.Select(one => one.Value), taken.Select(answer => answer.Value));
        Assert.Equal(CacheAnswer.Spent, await cache.TakeAsync(keys[0].Key));
    }

    [Fact]
    public async Task Commands_ValueOfManySegments_ComesBackWhole()
    {
        await using var cache = await StartAsync(redis.Server.ConnectionString, connections: _connections);
        var (key, value) = (Key(), new byte[1_000_000]);
        new Random(3).NextBytes(value);

        Assert.True(await cache.SetAsync(key, value, Hour, singleUse: true));

        Assert.Equal(value, (await cache.TakeAsync(key)).Value);
    }

    [Fact]
    public async Task Commands_ConnectionCut_AreFaultsAndThenServedByANewOne()
    {
        var log = new CapturedLog();
        await using var relay = TcpRelay.Start(redis.Server.Port);
        await using var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address), log, connections: _connections);

        relay.Refuse();
        relay.CutAll();
        await Eventually.TrueAsync(() => !cache.Connected, Recovery);
        Assert.Equal(CacheAnswer.Fault, await cache.GetAsync(Key()));
        relay.Accept();

        await AssertServesAsync(cache);
        Assert.True(_connections.Made >= 2);
        Assert.Equal(1, log.Count("connection lost"));
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Start_RefusedOrSilent_IsAFaultUntilItAnswers()
    {
        await using var relay = TcpRelay.Start(redis.Server.Port);
        relay.Refuse();
        await using var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address), connections: _connections);
        Assert.Equal(CacheAnswer.Fault, await cache.GetAsync(Key()));
        relay.Stalled = true;
        relay.Accept();
        await Eventually.TrueAsync(() => _connections.Made > 0, Recovery);
        Assert.Equal(CacheAnswer.Fault, await cache.GetAsync(Key()));

        relay.Stalled = false;

        await AssertServesAsync(cache);
    }

    [Fact]
    public async Task Dispose_ClosesTheConnection()
    {
        await using var relay = TcpRelay.Start(redis.Server.Port);
        var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address), connections: _connections);
        await AssertServesAsync(cache);

        await cache.DisposeAsync();

        Assert.Equal(CacheAnswer.Fault, await cache.GetAsync(Key()));
        Assert.Equal(1, _connections.Made);
    }
}
