using Grpc.Core;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;
using StackExchange.Redis;

namespace Reprise.KeyService.Tests.Store;

/// <summary>Changes of which the key service was not told whether they were made: a connection that stalls in the very moment.</summary>
public sealed class UnknownOutcomeTests
{
    // As a client says it: what the transaction of a change holds, and nothing else does.
    private static readonly byte[] Set = [.. "SET\r\n$23\r\nreprise:k:{keys}:ledger"u8];

    [Fact]
    public async Task Commit_MadeAndItsAnswerLost_IsFoundAndNotMadeAgain()
    {
        await using var set = await ReplicaSet.StartAsync();
        await using var relay = TcpRelay.Start(set.Redis.Port);
        var replica = await set.AddAsync("keys-1", ("Store:Redis", set.Redis.ConnectionStringTo(relay.Address)));
        await set.LeaderAsync();
        var stored = await ValueAsync(set);

        var purge = await StalledPurgeAsync(replica, relay);
        relay.AnswersStalled = true;
        relay.Stalled = false;
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => purge)).StatusCode);
        await Eventually.TrueAsync(async () => !(await ValueAsync(set)).AsSpan().SequenceEqual(stored));
        relay.Heal();

        await Eventually.TrueAsync(async () => (await replica.ListAsync()).Purges.Count == 1);
        await set.LeaderAsync();
        var number = (await replica.ListAsync()).Purges[0].Number;
        PurgeSessionsResponse? again = null;
        await Eventually.TrueAsync(async () => (again = await TryPurgeAsync(replica)) is not null);
        Assert.Equal(number, again!.Number);
    }

    [Fact]
    public async Task Commit_ThatNeverArrived_IsNotMadeAndCanBeMadeAgain()
    {
        await using var set = await ReplicaSet.StartAsync();
        await using var relay = TcpRelay.Start(set.Redis.Port);
        var replica = await set.AddAsync("keys-1", ("Store:Redis", set.Redis.ConnectionStringTo(relay.Address)));
        await set.LeaderAsync();
        var before = (await replica.ListAsync()).Generation;

        var purge = await StalledPurgeAsync(replica, relay);
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => purge)).StatusCode);
        relay.CutAll();
        relay.Heal();

        await set.LeaderAsync();
        Assert.Equal(before, (await replica.ListAsync()).Generation);
        await Eventually.TrueAsync(async () => await TryPurgeAsync(replica) is not null);
        Assert.Single((await replica.ListAsync()).Purges);
    }

    // What the lease and its place in the transaction are for.
    [Fact]
    public async Task Commit_ThatArrivesWhenAnotherLeads_IsRefused()
    {
        await using var set = await ReplicaSet.StartAsync();
        await using var relay = TcpRelay.Start(set.Redis.Port);
        var stale = await set.AddAsync("keys-1", ("Store:Redis", set.Redis.ConnectionStringTo(relay.Address)));
        await set.LeaderAsync();
        var next = await set.AddAsync("keys-2");
        Assert.Same(stale, await set.LeaderAsync());

        var purge = await StalledPurgeAsync(stale, relay);
        await Eventually.TrueAsync(async () => (await next.ListAsync()).Leader == next.Name);
        var before = await ValueAsync(set);
        relay.Stalled = false;
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => purge)).StatusCode);
        relay.Heal();

        Assert.Same(next, await set.LeaderAsync());
        Assert.Equal(before, await ValueAsync(set));
        Assert.Empty((await stale.ListAsync()).Purges);
    }

    private static async Task<Task> StalledPurgeAsync(Replica replica, TcpRelay relay)
    {
        relay.StallAt = Set;
        var purge = replica.Admin.Admin.PurgeSessionsAsync(new() { All = true, IdempotencyKey = "once" }).ResponseAsync;
        await Eventually.TrueAsync(() => relay.Stalled);
        return purge;
    }

    private static async Task<PurgeSessionsResponse?> TryPurgeAsync(Replica replica)
    {
        try
        {
            return await replica.Admin.Admin.PurgeSessionsAsync(new() { All = true, IdempotencyKey = "once" });
        }
        catch (RpcException fault) when (fault.StatusCode is StatusCode.Unavailable)
        {
            return null;
        }
    }

    private static async Task<byte[]> ValueAsync(ReplicaSet set)
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync(set.Redis.ConnectionString);
        return (byte[])(await redis.GetDatabase().StringGetAsync("reprise:k:{keys}:ledger"))!;
    }
}
