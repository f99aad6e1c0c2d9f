using System.Diagnostics.Metrics;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Store;
using Reprise.Testing;
using StackExchange.Redis;

namespace Reprise.KeyService.Tests.Audit;

/// <summary>Against a server with streams (Redis) and one without (Microsoft.Garnet).</summary>
public sealed class RedisAuditStoreTests : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<StoreConnection> _connections = [];

    public static TheoryData<RedisKind> Kinds => [RedisKind.Container, RedisKind.Garnet];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Append_ByTwoAtTheSameTime_IsOneChain(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(new RedisOptions { Kind = kind });
        var stores = new[] { Store(redis), Store(redis) };

        await Task.WhenAll(stores.Select((store, i) => Task.Run(async () =>
        {
            for (var j = 0; j < 25; j++)
                await store.AppendAsync(Entry($"{i}/{j}"), default);
        })));

        var entries = await stores[0].ReadAsync(0, 100, default);
        Assert.Equal(Enumerable.Range(1, 50).Select(number => (long)number), entries.Select(entry => entry.Sequence));
        for (var i = 1; i < entries.Count; i++)
            Assert.Equal(entries[i], AuditChain.Link(entries[i].Clone(), entries[i - 1]));
        Assert.Equal(50, entries.Select(entry => entry.Target).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Read_AfterANumber_GivesTheNextOnesOnly(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(new RedisOptions { Kind = kind });
        var store = Store(redis);
        for (var i = 0; i < 10; i++)
            await store.AppendAsync(Entry($"{i}"), default);

        Assert.Equal([8L, 9, 10], (await store.ReadAsync(7, 100, default)).Select(entry => entry.Sequence));
        Assert.Equal([3L, 4], (await Store(redis).ReadAsync(2, 2, default)).Select(entry => entry.Sequence));
        Assert.Empty(await store.ReadAsync(10, 100, default));
        Assert.Equal(10, (await Store(redis).NewestAsync(default))!.Sequence);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Append_AfterTheStoreLostAll_GoesOnWhereThisProcessWas(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(new RedisOptions { Kind = kind });
        var store = Store(redis);
        await store.AppendAsync(Entry("1"), default);
        var second = await store.AppendAsync(Entry("2"), default);

        await using (var multiplexer = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString))
            await multiplexer.GetDatabase().KeyDeleteAsync(StoreKeys.Audit);
        var third = await store.AppendAsync(Entry("3"), default);

        Assert.Equal((3, second.Hash), (third.Sequence, third.PreviousHash));
        Assert.Equal(third, Assert.Single(await store.ReadAsync(0, 100, default)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
        await _services.DisposeAsync();
    }

    private RedisAuditStore Store(RedisServer redis)
    {
        var options = Options.Create(new StoreOptions { Redis = redis.ConnectionString });
        var connection = new StoreConnection(options, new StoreMetrics(_services.GetRequiredService<IMeterFactory>()), NullLogger<StoreConnection>.Instance);
        _connections.Add(connection);
        return new RedisAuditStore(connection);
    }

    private static AuditEntry Entry(string target) => new()
    {
        At = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()).ToTimestamp(),
        Service = "keys-1",
        Actor = "admin/admin",
        Action = "rotate",
        Target = target,
        Result = "ok",
    };
}
