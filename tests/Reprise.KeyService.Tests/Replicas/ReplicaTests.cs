using Grpc.Core;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Replicas;

/// <summary>Two or three key services over one Redis, all well.</summary>
public sealed class ReplicaTests
{
    [Fact]
    public async Task Start_ThreeOverAnEmptyStore_BeginOneLedgerAndOneLeads()
    {
        await using var set = await ReplicaSet.StartAsync(3);

        var leader = await set.LeaderAsync();

        Assert.Single((await leader.ListAsync()).Epochs);
        foreach (var replica in set.Replicas)
            Assert.True(await replica.IsReadyAsync());
    }

    [Fact]
    public async Task Restart_OfAll_KeepsTheLedger()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var before = await (await set.LeaderAsync()).ListAsync();
        foreach (var replica in set.Replicas)
            await replica.StopAsync();

        await set.AddAsync("keys-1");
        await set.AddAsync("keys-2");

        var after = await (await set.LeaderAsync()).ListAsync();
        Assert.Equal(before.Epochs.Select(epoch => epoch.Number), after.Epochs.Select(epoch => epoch.Number));
        Assert.Equal(before.Generation, after.Generation);
    }

    [Fact]
    public async Task Start_OverALedger_IsReadyFromTheFirstCall()
    {
        await using var set = await ReplicaSet.StartAsync(1);

        var second = await set.AddAsync("keys-2");

        await second.JoinAsync("edge-1");
        Assert.True(await second.IsReadyAsync());
        Assert.Equal("keys-1", (await second.ListAsync()).Leader);
    }

    [Fact]
    public async Task Rotate_NodesOnBoth_WaitsForEachAndIsTheSameOnAll()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var (leader, follower) = (await set.LeaderAsync(), await set.FollowerAsync());
        var near = await leader.JoinAsync("edge-1");
        var far = await follower.JoinAsync("edge-2");
        await Eventually.TrueAsync(async () => await leader.NodeAsync("edge-2") is { Live: true } node && node.Service == follower.Name);

        using var rotation = new RunningRotation(leader.Admin);
        Assert.Equal(["edge-1", "edge-2"], (await rotation.NextAsync()).Staged.Nodes);
        await AcknowledgeTwiceAsync(near, far);
        var done = await rotation.DoneAsync();

        Assert.True(done.Complete);
        Assert.Equal(["edge-1", "edge-2"], done.Nodes.Select(node => node.Node));
        await set.LeaderAsync();
    }

    [Fact]
    public async Task Rotate_AskedOfAFollower_IsCarriedOutByTheLeaderForThisCaller()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var (leader, follower) = (await set.LeaderAsync(), await set.FollowerAsync());
        var node = await follower.JoinAsync("edge-1");
        await Eventually.TrueAsync(async () => await leader.NodeAsync("edge-1") is { Live: true });

        using var rotation = new RunningRotation(follower.Admin);
        Assert.Equal(RotateResponse.ProgressOneofCase.Staged, (await rotation.NextAsync()).ProgressCase);
        await AcknowledgeTwiceAsync(node);
        var done = await rotation.DoneAsync();

        Assert.True(done.Complete);
        Assert.Equal(done.Epoch, (await leader.ListAsync()).Epochs[0].Number);
        Assert.Contains("Rotation started for admin/admin", leader.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Rotation started", follower.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotate_AskedOfAFollowerAndCancelled_RunsToItsEnd()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var (leader, follower) = (await set.LeaderAsync(), await set.FollowerAsync());
        var node = await leader.JoinAsync("edge-1");
        long epoch;
        using (var rotation = new RunningRotation(follower.Admin))
            epoch = (await rotation.NextAsync()).Staged.Epoch;

        await AcknowledgeTwiceAsync(node);

        await Eventually.TrueAsync(async () => (await follower.ListAsync()).Epochs[0] is { State: EpochState.Active } active && active.Number == epoch);
    }

    [Fact]
    public async Task AdminCalls_AskedOfAFollower_EndWithTheStatusesOfTheLeader()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var admin = (await set.FollowerAsync()).Admin.Admin;

        var purged = await admin.PurgeSessionsAsync(new() { All = true });
        var unnamed = await Assert.ThrowsAsync<RpcException>(async () => await admin.PurgeSessionsAsync(new()));
        var unknown = await Assert.ThrowsAsync<RpcException>(async () => await admin.PurgeSessionsAsync(new() { Profile = "nobody-serves-it" }));
        using var revoke = admin.Revoke(new() { Epoch = 1 });
        var none = await Assert.ThrowsAsync<RpcException>(() => revoke.ResponseStream.MoveNext());

        Assert.True(purged.Number > 0);
        Assert.Equal((StatusCode.InvalidArgument, "INVALID"), (unnamed.StatusCode, Reason(unnamed)));
        Assert.Equal((StatusCode.NotFound, "NOT_FOUND"), (unknown.StatusCode, Reason(unknown)));
        Assert.Equal((StatusCode.NotFound, "NOT_FOUND"), (none.StatusCode, Reason(none)));
    }

    [Fact]
    public async Task IdempotencyKey_OnceOfTheLeaderOnceOfAFollower_IsCarriedOutOnce()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var (leader, follower) = (await set.LeaderAsync(), await set.FollowerAsync());

        var first = await leader.Admin.Admin.PurgeSessionsAsync(new() { All = true, IdempotencyKey = "once" });
        var second = await follower.Admin.Admin.PurgeSessionsAsync(new() { All = true, IdempotencyKey = "once" });

        Assert.Equal(first.Number, second.Number);
    }

    [Fact]
    public async Task KeyService_AsksForAnAdministrator_IsBelievedForAdministratorsOnly()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var leader = await set.LeaderAsync();
        var admin = set.Channel(leader.Address, "keys-3").Admin;

        Assert.True((await admin.PurgeSessionsAsync(new() { All = true }, new Metadata { { "reprise-on-behalf-of", "admin/somebody" } })).Number > 0);
        foreach (var headers in new[] { new Metadata(), new Metadata { { "reprise-on-behalf-of", "edge/edge-1" } }, new Metadata { { "reprise-on-behalf-of", "keyservice/keys-1" } } })
        {
            var fault = await Assert.ThrowsAsync<RpcException>(async () => await admin.PurgeSessionsAsync(new() { All = true }, headers));
            Assert.Equal(StatusCode.PermissionDenied, fault.StatusCode);
        }

        // Nobody else is believed at all.
        var edge = set.Channel(leader.Address, "edge-1").Admin;
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await edge.PurgeSessionsAsync(new() { All = true }, new Metadata { { "reprise-on-behalf-of", "admin/admin" } }));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
    }

    [Fact]
    public async Task PassedOnCall_ToOneThatDoesNotLead_IsNotPassedOnAgain()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var follower = await set.FollowerAsync();

        var fault = await Assert.ThrowsAsync<RpcException>(async () =>
            await set.Channel(follower.Address, "keys-3").Admin.PurgeSessionsAsync(new() { All = true }, new Metadata { { "reprise-on-behalf-of", "admin/admin" } }));

        Assert.Equal((StatusCode.Unavailable, "NOT_LEADING"), (fault.StatusCode, Reason(fault)));
    }

    // As an edge does it: gone here first, then there.
    [Fact]
    public async Task Node_MovesDuringARotation_IsOneNodeAndHasTheNewEpoch()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var (leader, follower) = (await set.LeaderAsync(), await set.FollowerAsync());
        var before = await follower.JoinAsync("edge-1");
        await Eventually.TrueAsync(async () => await leader.NodeAsync("edge-1") is { Live: true });

        using var rotation = new RunningRotation(leader.Admin);
        var staged = (await rotation.NextAsync()).Staged;
        await before.DisposeAsync();
        var after = await leader.JoinAsync("edge-1");
        // Perhaps activated already, while the node was with neither.
        var ring = after.Last!;
        while (ring.Epochs.Single(epoch => epoch.Number == staged.Epoch).State is not EpochState.Active)
        {
            await after.AcknowledgeAsync(ring.Generation);
            ring = await after.RingAsync();
        }

        await after.AcknowledgeAsync(ring.Generation);
        var done = await rotation.DoneAsync();

        var node = Assert.Single(done.Nodes);
        Assert.Equal(("edge-1", true), (node.Node, node.HasActivatedMilliseconds));
        await Eventually.TrueAsync(async () => await follower.NodeAsync("edge-1") is { Live: true } known && known.Service == leader.Name && known.AcknowledgedGeneration == ring.Generation);
    }

    [Fact]
    public async Task Stop_OfTheLeader_PassesTheLeadOnAtOnce()
    {
        // Longer than any wait of this test: the lease must have been given back.
        await using var set = await ReplicaSet.StartAsync(2, ("Store:LeaseDuration", "00:01:00"));
        var (leader, follower) = (await set.LeaderAsync(), await set.FollowerAsync());
        await leader.JoinAsync("edge-1");
        await Eventually.TrueAsync(async () => await follower.NodeAsync("edge-1") is { Live: true });

        await leader.StopAsync();

        Assert.Same(follower, await set.LeaderAsync());
        await Eventually.TrueAsync(async () => await follower.NodeAsync("edge-1") is { Live: false });
    }

    // What a node says of itself is known to all, whichever it says it to.
    [Fact]
    public async Task Nodes_OfAnyReplica_AreTheSame()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var (leader, follower) = (await set.LeaderAsync(), await set.FollowerAsync());
        var generation = (await leader.ListAsync()).Generation;
        var epoch = (await leader.ListAsync()).Epochs[0].Number;
        var node = await follower.JoinAsync("edge-1");
        await node.SayAsync(new() { Heartbeat = new() { SentAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTime(DateTime.UtcNow), Uses = { new EpochUse { Epoch = epoch, Seals = 7, Opens = 5 } } } });

        await Eventually.TrueAsync(async () => (await leader.ListAsync()).Epochs[0] is { Seals: 7, Opens: 5 });

        var (here, there) = (await follower.NodeAsync("edge-1"), await leader.NodeAsync("edge-1"));
        Assert.Equal(here!.Address, there!.Address);
        Assert.Equal(here.Serial, there.Serial);
        Assert.Equal((generation, "9.9", follower.Name, true), (there.AcknowledgedGeneration, there.Version, there.Service, there.Live));
        Assert.Equal("shop", Assert.Single(there.Profiles).Name);
        Assert.NotNull(there.ClockOffset);
    }

    private static string? Reason(RpcException fault) => fault.GetRpcStatus()?.GetDetail<Google.Rpc.ErrorInfo>()?.Reason;

    // The staging ring, then the activating one.
    private static async Task AcknowledgeTwiceAsync(params ScriptedNode[] nodes)
    {
        for (var i = 0; i < 2; i++)
        {
            foreach (var node in nodes)
                await node.AcknowledgeAsync((await node.RingAsync()).Generation);
        }
    }
}
