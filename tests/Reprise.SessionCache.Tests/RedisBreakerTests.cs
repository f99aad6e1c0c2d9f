using Microsoft.Extensions.Logging;
using Reprise.Core.Sessions;
using Reprise.Testing;
using StackExchange.Redis;
using static Reprise.SessionCache.Tests.CacheFixtures;

namespace Reprise.SessionCache.Tests;

/// <summary>The breaker before a real Redis: what opens it, that nothing is sent while it is open, and that it closes by itself.</summary>
public sealed class RedisBreakerTests(RedisFixture redis)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Get_SlowerThanItsBudget_OpensTheBreakerAndThenNothingIsSent()
    {
        var log = new CapturedLog();
        await using var relay = TcpRelay.Start(redis.Server.Port);
        await using var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address), log, options =>
        {
            options.LookupBudget = TimeSpan.FromMilliseconds(20);
            options.BreakDuration = TimeSpan.FromMinutes(1);
        });

        relay.DelayToClient = Slow;
        await OpenAsync(cache, () => cache.GetAsync(Key()).AsTask());
        Assert.True(cache.Connected); // the connection is well: it is the breaker that refuses
        Assert.Equal(1, log.Count("breaker of lookups open after 5 failures in a row, the last one 'no answer within 20 ms'"));
        relay.DelayToClient = TimeSpan.Zero;

        // A take that reached the server would remove its value.
        await using var judge = await ConnectionMultiplexer.ConnectAsync(redis.Server.ConnectionString);
        var keys = Enumerable.Range(0, 100).Select(_ => Key()).ToList();
        foreach (var key in keys)
            Assert.True(await judge.GetDatabase().StringSetAsync(key.Text, Value, Hour));
        foreach (var key in keys)
        {
            var get = cache.GetAsync(key);
            Assert.True(get.IsCompletedSuccessfully);
            Assert.Equal(CacheAnswer.Fault, await get);
            var take = cache.TakeAsync(key);
            Assert.True(take.IsCompletedSuccessfully);
            Assert.Equal(CacheAnswer.Fault, await take);
        }

        Assert.Equal((BreakerState.Open, BreakerState.Closed), (cache.LookupBreaker, cache.StoreBreaker));
        Assert.Equal(keys.Count, await judge.GetDatabase().KeyExistsAsync([.. keys.Select(key => (RedisKey)key.Text)]));
    }

    [Fact]
    public async Task Calls_WhileOpen_AllocateNothing()
    {
        await using var relay = TcpRelay.Start(redis.Server.Port);
        await using var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address), change: options =>
        {
            options.LookupBudget = TimeSpan.FromMilliseconds(20);
            options.StoreBudget = TimeSpan.FromMilliseconds(20);
            options.BreakDuration = TimeSpan.FromMinutes(1);
        });
        relay.DelayToClient = Slow;
        await OpenAsync(cache, () => cache.GetAsync(Key()).AsTask());
        await OpenStoresAsync(cache);
        var key = Key();
        AskAll(1);

        var before = GC.GetAllocatedBytesForCurrentThread();
        AskAll(1000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void AskAll(int times)
        {
            for (var i = 0; i < times; i++)
            {
                Assert.True(IsDone(cache.GetAsync(key)));
                Assert.True(IsDone(cache.TakeAsync(key)));
                Assert.True(IsDone(cache.SetAsync(key, Value, Hour, singleUse: true)));
            }
        }
    }

    [Fact]
    public async Task Set_SlowerThanItsBudget_OpensTheBreaker()
    {
        await using var relay = TcpRelay.Start(redis.Server.Port);
        await using var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address), change: options =>
        {
            options.StoreBudget = TimeSpan.FromMilliseconds(20);
            options.BreakDuration = TimeSpan.FromMinutes(1);
        });

        relay.DelayToTarget = Slow;

        await OpenStoresAsync(cache);
    }

    [Fact]
    public async Task Get_Stalled_OpensTheBreakerAndItClosesWhenTheStoreIsBack()
    {
        var log = new CapturedLog();
        await using var relay = TcpRelay.Start(redis.Server.Port);
        await using var cache = await StartAsync(redis.Server.ConnectionStringTo(relay.Address), log, options => options.LookupBudget = TimeSpan.FromMilliseconds(100));

        relay.Stalled = true;
        await OpenAsync(cache, () =>
        {
            _ = cache.GetAsync(Key()).AsTask(); // ends long after its budget
            return Task.CompletedTask;
        });
        relay.Stalled = false;

        await Eventually.TrueAsync(async () => !(await cache.GetAsync(Key())).Faulted && cache.LookupBreaker is BreakerState.Closed, Patience);
        Assert.Equal(1, log.Count("breaker of lookups open after"));
        await Eventually.TrueAsync(() => log.Count("breaker of lookups closed") == 1, Patience);
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Set_OutOfMemory_OpensTheBreakerAndItClosesWhenThereIsRoom()
    {
        var log = new CapturedLog();
        await using var server = await RealRedis.StartAsync();
        await using var cache = await StartAsync(server.ConnectionString, log);
        var handles = Enumerable.Range(0, 20).Select(_ => Key()).ToList();
        foreach (var handle in handles)
            Assert.True(await cache.SetAsync(handle, Value, Hour, singleUse: true));
        await server.Cli.RunAsync("CONFIG", "SET", "maxmemory", "1");

        // A Redis that is full still has what it has: lookups go on, and their answers do not close the breaker of the stores. What is taken is
        // gone; there is no room for a mark of it.
        await OpenStoresAsync(cache);
        foreach (var handle in handles)
        {
            Assert.Equal(CacheAnswer.Miss, await cache.GetAsync(Key()));
            Assert.Equal(Value, (await cache.TakeAsync(handle)).Value);
            Assert.Equal(CacheAnswer.Miss, await cache.TakeAsync(handle));
        }

        Assert.Equal(BreakerState.Closed, cache.LookupBreaker);
        Assert.Equal(1, log.Count("breaker of stores open after 5 failures in a row, the last one 'OOM'"));
        Assert.Equal(0, log.Count("closed"));

        await server.Cli.RunAsync("CONFIG", "SET", "maxmemory", "0");
        await Eventually.TrueAsync(() => cache.SetAsync(Key(), Value, Hour, singleUse: false).AsTask(), Patience);
    }

    // On a node with TLS 1.3 alone every lookup is a take, and so is every probe.
    [Fact]
    public async Task Take_AsTheProbeOfARedisWithoutRoom_ClosesTheBreaker()
    {
        await using var server = await RealRedis.StartAsync();
        await using var relay = TcpRelay.Start(server.Port);
        await using var cache = await StartAsync(server.ConnectionStringTo(relay.Address), change: options => options.LookupBudget = TimeSpan.FromMilliseconds(100));
        var handles = new Queue<SessionKey>(Enumerable.Range(0, 500).Select(_ => Key()));
        foreach (var handle in handles)
            Assert.True(await cache.SetAsync(handle, Value, Hour, singleUse: true));
        await server.Cli.RunAsync("CONFIG", "SET", "maxmemory", "1");
        relay.Stalled = true;
        await OpenAsync(cache, () =>
        {
            _ = cache.GetAsync(Key()).AsTask(); // ends long after its budget
            return Task.CompletedTask;
        });
        relay.Stalled = false;

        await Eventually.TrueAsync(async () => (await cache.TakeAsync(handles.Count > 1 ? handles.Dequeue() : handles.Peek())).Value is not null, Patience);
        Assert.Equal(BreakerState.Closed, cache.LookupBreaker);
    }

    // What reaches Redis is counted by Redis.
    [Fact]
    public async Task Set_WhileOpen_ReachesNoRedis()
    {
        await using var server = await RealRedis.StartAsync();
        await using var cache = await StartAsync(server.ConnectionString, change: options => options.BreakDuration = TimeSpan.FromMinutes(1));
        await server.Cli.RunAsync("CONFIG", "SET", "maxmemory", "1");
        await OpenStoresAsync(cache);

        var before = await RefusedAsync(server);
        for (var i = 0; i < 100; i++)
            Assert.False(await cache.SetAsync(Key(), Value, Hour, singleUse: false));

        Assert.Equal(before, await RefusedAsync(server));
    }

    // One probe at each end of a break, however many ask.
    [Fact]
    public async Task Set_ByManyAtTheEndOfABreak_IsSentOnce()
    {
        var log = new CapturedLog();
        await using var server = await RealRedis.StartAsync();
        await using var cache = await StartAsync(server.ConnectionString, log, options => options.BreakDuration = TimeSpan.FromSeconds(1));
        await server.Cli.RunAsync("CONFIG", "SET", "maxmemory", "1");
        await OpenStoresAsync(cache);
        var before = await RefusedAsync(server);

        await Eventually.TrueAsync(
            async () =>
            {
                await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => cache.SetAsync(Key(), Value, Hour, singleUse: false).AsTask())));
                return log.Count("half-open") >= 2;
            },
            Patience);

        // The break outlasts the two questions, or there was one probe more, which the log then has too.
        Assert.InRange(await RefusedAsync(server) - before, 2, log.Count("half-open"));
        Assert.Equal(1, log.Count("breaker of stores open after"));
    }

    // What would exceed the memory is refused before it counts as a call.
    private static async Task<long> RefusedAsync(RedisServer server) =>
        (await server.Cli.RunAsync("INFO", "commandstats")).Split('\n')
            .Where(line => line.Split(':')[0] is "cmdstat_set" or "cmdstat_setex" or "cmdstat_psetex")
            .Sum(line => long.Parse(line.Split("rejected_calls=")[1].Split(',')[0], provider: null));

    private static bool IsDone<T>(ValueTask<T> call) => call.IsCompletedSuccessfully;

    private static async Task OpenAsync(RedisSessionCache cache, Func<Task> ask) => await Eventually.TrueAsync(
        async () =>
        {
            await ask();
            return cache.LookupBreaker is BreakerState.Open;
        },
        Patience);

    private static async Task OpenStoresAsync(RedisSessionCache cache) => await Eventually.TrueAsync(
        async () =>
        {
            await cache.SetAsync(Key(), Value, Hour, singleUse: false);
            return cache.StoreBreaker is BreakerState.Open;
        },
        Patience);
}
