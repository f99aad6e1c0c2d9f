using System.Diagnostics;
using Grpc.Core;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Replicas;

/// <summary>What becomes of the leader, as real processes: killed or asleep in the middle of its work.</summary>
public sealed class LeaderFaultTests
{
    // What operators are promised.
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(10);

    // As it comes: with the lease and the settling of defaults.
    private static readonly (string, string)[] AsItComes = [("Store:LeaseDuration", "00:00:05"), ("Rotation:AcknowledgeTimeout", "00:01:00")];

    private static readonly (string, string)[] Patient = [("Rotation:AcknowledgeTimeout", "00:01:00"), ("Rotation:RevokeTimeout", "00:01:00")];

    [Fact]
    public async Task Kill_OfTheLeaderDuringARotation_NeitherLosesNorDoublesAnEpochAndGoesOn()
    {
        await using var set = await ReplicaSet.StartAsync();
        await set.AddProcessAsync("keys-1", AsItComes);
        await set.AddProcessAsync("keys-2", AsItComes);
        var (leader, follower) = (await set.LeaderAsync(), await set.FollowerAsync());
        Assert.Equal(["1", "0"], await Task.WhenAll(LeadsAsync(leader), LeadsAsync(follower)));
        var node = await follower.JoinAsync("edge-1");
        await Eventually.TrueAsync(async () => await leader.NodeAsync("edge-1") is { Live: true });
        using var rotation = new RunningRotation(leader.Admin);
        var staged = (await rotation.NextAsync()).Staged;
        // It waits for the node, which has the ring and holds its answer back.
        var ring = await node.RingAsync();
        Assert.Equal(staged.Generation, ring.Generation);

        var watch = Stopwatch.StartNew();
        await leader.KillAsync();
        await node.AcknowledgeAsync(ring.Generation);
        await Eventually.TrueAsync(async () => await follower.TryListAsync() is { } list && list.Epochs[0] is { State: EpochState.Active } && list.Leader == follower.Name, TimeSpan.FromSeconds(60));

        TestContext.Current.TestOutputHelper?.WriteLine($"went on after {watch.Elapsed.TotalSeconds:F1} s; promised, on a machine that is not overloaded: {Promised.TotalSeconds} s");
        var epochs = (await follower.ListAsync()).Epochs;
        Assert.Equal([staged.Epoch], epochs.Where(epoch => epoch.State is EpochState.Active).Select(epoch => epoch.Number));
        Assert.Equal(2, epochs.Count);
        Assert.Equal("1", await LeadsAsync(follower));
        Assert.IsType<RpcException>(await Record.ExceptionAsync(rotation.DoneAsync));

        // And the one that comes back agrees.
        await set.AddProcessAsync(leader.Name, AsItComes);
        Assert.Same(follower, await set.LeaderAsync());
    }

    [Fact]
    public async Task Kill_OfTheLeaderDuringARevocation_FinishesIt()
    {
        await using var set = await ReplicaSet.StartAsync();
        await set.AddProcessAsync("keys-1", Patient);
        await set.AddProcessAsync("keys-2", Patient);
        var (leader, follower) = (await set.LeaderAsync(), await set.FollowerAsync());
        var node = await follower.JoinAsync("edge-1");
        await Eventually.TrueAsync(async () => await leader.NodeAsync("edge-1") is { Live: true });
        var revoked = (await leader.ListAsync()).Epochs[0].Number;
        using var revocation = leader.Admin.Admin.Revoke(new() { Epoch = revoked, PurgeSessions = true, IdempotencyKey = "once" });
        Assert.True(await revocation.ResponseStream.MoveNext());
        var staged = revocation.ResponseStream.Current.Staged.Epoch;

        await leader.KillAsync();
        await node.AcknowledgeAsync((await node.RingAsync()).Generation);
        var destroyed = await node.RingAsync();
        await node.AcknowledgeAsync(destroyed.Generation);
        await Eventually.TrueAsync(async () => await follower.TryListAsync() is { } list && list.Epochs.Single(epoch => epoch.Number == revoked).State is EpochState.Destroyed, TimeSpan.FromSeconds(30));

        Assert.DoesNotContain(destroyed.Epochs, epoch => epoch.Number == revoked && !epoch.Secret.IsEmpty);
        var after = await follower.ListAsync();
        Assert.Equal([staged], after.Epochs.Where(epoch => epoch.State is not EpochState.Destroyed).Select(epoch => epoch.Number));
        Assert.NotEmpty(after.Purges);
        // The same call once more, to the one that is left: told how things stand, and nothing is purged a second time.
        using var again = follower.Admin.Admin.Revoke(new() { Epoch = revoked, PurgeSessions = true, IdempotencyKey = "once" });
        RevokeResponse? last = null;
        await foreach (var step in again.ResponseStream.ReadAllAsync())
            last = step;
        Assert.Equal(revoked, last!.Done.Epoch);
        Assert.Equal(after.Purges, (await follower.ListAsync()).Purges);
    }

    [Fact]
    public async Task Kill_OfTheStoreDuringARotation_GoesOnWhenItIsBack()
    {
        await using var set = await ReplicaSet.StartAsync();
        await set.AddProcessAsync("keys-1", Patient);
        await set.AddProcessAsync("keys-2", Patient);
        var (leader, follower) = (await set.LeaderAsync(), await set.FollowerAsync());
        var node = await follower.JoinAsync("edge-1");
        await Eventually.TrueAsync(async () => await leader.NodeAsync("edge-1") is { Live: true });
        using var rotation = new RunningRotation(leader.Admin);
        var staged = (await rotation.NextAsync()).Staged;
        var ring = await node.RingAsync();

        await set.Redis.KillAsync();
        await Eventually.TrueAsync(async () => (await follower.ListAsync()).Leader.Length == 0 && (await leader.ListAsync()).Leader.Length == 0);
        Assert.Contains("reprise_keys_store_errors_total{", await leader.MetricsAsync(), StringComparison.Ordinal);
        await node.AcknowledgeAsync(ring.Generation);
        await set.Redis.RestartAsync();

        await set.LeaderAsync();
        await Eventually.TrueAsync(async () => await follower.TryListAsync() is { } list && list.Epochs[0].State is EpochState.Active, TimeSpan.FromSeconds(30));
        var after = await (await set.LeaderAsync()).ListAsync();
        Assert.Equal([staged.Epoch], after.Epochs.Where(epoch => epoch.State is EpochState.Active).Select(epoch => epoch.Number));
        Assert.Equal(2, after.Epochs.Count);
    }

    [Fact]
    public async Task Sleep_OfTheLeaderBeyondItsLease_ChangesNothingWhenItWakes()
    {
        await using var set = await ReplicaSet.StartAsync();
        await set.AddProcessAsync("keys-1", Patient);
        await set.AddProcessAsync("keys-2", Patient);
        var (leader, follower) = (await set.LeaderAsync(), await set.FollowerAsync());
        var node = await follower.JoinAsync("edge-1");
        await Eventually.TrueAsync(async () => await leader.NodeAsync("edge-1") is { Live: true });
        using var rotation = new RunningRotation(leader.Admin);
        var staged = (await rotation.NextAsync()).Staged;
        var ring = await node.RingAsync();

        await leader.Process.PauseAsync();
        await Eventually.TrueAsync(async () => await follower.TryListAsync() is { } list && list.Leader == follower.Name);
        await node.AcknowledgeAsync(ring.Generation);
        await Eventually.TrueAsync(async () => await follower.TryListAsync() is { } list && list.Epochs[0].State is EpochState.Active);
        await leader.Process.ContinueAsync();

        Assert.Same(follower, await set.LeaderAsync());
        var list = await leader.ListAsync();
        Assert.Equal([staged.Epoch], list.Epochs.Where(epoch => epoch.State is EpochState.Active).Select(epoch => epoch.Number));
        Assert.Equal(2, list.Epochs.Count);
    }

    [Fact]
    public async Task Kill_OfAReplica_ItsNodesCountUntilItIsKnownToBeDead()
    {
        await using var set = await ReplicaSet.StartAsync();
        await set.AddProcessAsync("keys-1", Patient);
        await set.AddProcessAsync("keys-2", Patient);
        var (leader, follower) = (await set.LeaderAsync(), await set.FollowerAsync());
        await follower.JoinAsync("edge-1");
        await follower.JoinAsync("edge-2");
        await Eventually.TrueAsync(async () => await leader.NodeAsync("edge-1") is { Live: true } && await leader.NodeAsync("edge-2") is { Live: true });

        await follower.KillAsync();
        Assert.True((await leader.NodeAsync("edge-1"))!.Live);
        await leader.JoinAsync("edge-1");

        await Eventually.TrueAsync(async () => await leader.NodeAsync("edge-2") is { Live: false });
        var moved = await leader.NodeAsync("edge-1");
        Assert.Equal((true, leader.Name), (moved!.Live, moved.Service));
    }

    private static async Task<string> LeadsAsync(Replica replica) =>
        (await replica.MetricsAsync()).Split('\n').Single(line => line.StartsWith("reprise_keys_leads", StringComparison.Ordinal)).Split(' ')[1];
}
