using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;
using EpochState = Reprise.KeyProtocol.V1.EpochState;

namespace Reprise.KeyService.Tests.Revocation;

public sealed class RevocationTests
{
    [Fact]
    public async Task Revoke_ActiveEpoch_SuccessorSealsAndNoNodeHoldsItAnyMore()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var nodes = new[] { await service.SubscribeAsync("edge-1"), await service.SubscribeAsync("edge-2") };
        var leaked = nodes[0].Current!.Epochs[0].Number;

        var steps = await service.Channel().RevokeAsync(leaked);

        // All nodes have the successor before the epoch is destroyed.
        var staged = steps.Select(step => step.Staged).OfType<RotateResponse.Types.Staged>().Single();
        var revoked = steps.Single(step => step.Revoked is not null);
        var acknowledged = steps.TakeWhile(step => step != revoked).Select(step => step.Acknowledged).OfType<RotateResponse.Types.Acknowledged>().Where(each => each.Generation == staged.Generation);
        Assert.Equal(["edge-1", "edge-2"], acknowledged.Select(each => each.Node).Distinct().Order());
        Assert.Equal((leaked, staged.Epoch, 0), (revoked.Revoked.Epoch, revoked.Revoked.Sealing, revoked.Revoked.Purge));
        var done = steps[^1].Done;
        Assert.Equal(["edge-1", "edge-2"], done.Acknowledgements.Nodes.Select(node => node.Node));
        Assert.All(done.Acknowledgements.Nodes, node => Assert.True(node.HasMilliseconds));
        Assert.Empty(done.Acknowledgements.Laggards);
        Assert.All(nodes, node => Assert.Null(node.Current!.Find(leaked)?.Secret));
        Assert.All(nodes, node => Assert.Equal(staged.Epoch, node.Current!.SealingAt(DateTimeOffset.UtcNow)!.Number));
        Assert.Equal(EpochState.Destroyed, (await service.Channel().Admin.ListAsync(new())).Epochs.Single(epoch => epoch.Number == leaked).State);
    }

    [Fact]
    public async Task Revoke_RetiredEpoch_IsDestroyedAtOnceAndTheActiveOneGoesOn()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var node = await service.SubscribeAsync();
        var former = node.Current!.Epochs[0].Number;
        var active = (await service.Channel().RotateAsync())[^1].Done.Epoch;

        var steps = await service.Channel().RevokeAsync(former);

        Assert.Equal(
            [RevokeResponse.ProgressOneofCase.Revoked, RevokeResponse.ProgressOneofCase.Acknowledged, RevokeResponse.ProgressOneofCase.Done], steps.Select(step => step.ProgressCase));
        Assert.Equal(active, steps[0].Revoked.Sealing);
        Assert.Null(node.Current!.Find(former)?.Secret);
        Assert.Equal(active, node.Current!.SealingAt(DateTimeOffset.UtcNow)!.Number);
    }

    [Fact]
    public async Task Revoke_WithPurge_RaisesThePurgeNumberOfAllProfiles()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var node = await service.SubscribeAsync();

        var steps = await service.Channel().RevokeAsync(node.Current!.Epochs[0].Number, purge: true);

        var purge = steps.Single(step => step.Revoked is not null).Revoked.Purge;
        Assert.True(purge > 0);
        Assert.Equal(purge, node.Current!.Purges.All);
    }

    [Fact]
    public async Task Revoke_NodeThatDoesNotAcknowledgeTheSuccessor_HoldsItUpNoLongerThanTheDeadlineAndIsNamed()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var service = await KeyServiceHarness.StartAsync(time);
        var good = await service.SubscribeAsync("edge-1");
        await using var stalled = await service.NodeAsync("edge-2");
        var leaked = good.Current!.Epochs[0].Number;

        var revoking = service.Channel().RevokeAsync(leaked);
        await stalled.RingAsync();
        // One that has gone by itself is destroyed at the deadline of a revocation, not of a rotation.
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            return good.Current!.Find(leaked)?.Secret is null;
        });
        Assert.True(time.GetUtcNow() - time.Start < TimeSpan.FromSeconds(9));
        Assert.False(revoking.IsCompleted);
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return revoking.IsCompleted;
        });

        var laggard = Assert.Single((await revoking)[^1].Done.Acknowledgements.Laggards);
        Assert.Equal(("edge-2", LaggardReason.Deadline), (laggard.Node, laggard.Reason));
    }

    [Fact]
    public async Task Revoke_ActiveEpochWhileARotationWaits_HurriesThatRotation()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var service = await KeyServiceHarness.StartAsync(time);
        var good = await service.SubscribeAsync("edge-1");
        await using var stalled = await service.NodeAsync("edge-2");
        var leaked = good.Current!.Epochs[0].Number;
        using var rotation = new RunningRotation(service.Channel(), time);
        var staged = (await rotation.UntilAsync(RotateResponse.ProgressOneofCase.Staged)).Staged.Epoch;

        var revoking = service.Channel().RevokeAsync(leaked);
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            return good.Current!.Find(leaked)?.Secret is null;
        });

        Assert.True(time.GetUtcNow() - time.Start < TimeSpan.FromSeconds(9));
        Assert.Equal(staged, good.Current!.SealingAt(time.GetUtcNow())?.Number);
        await stalled.DisposeAsync();
        await rotation.DoneAsync();
        Assert.Equal(leaked, (await revoking)[^1].Done.Epoch);
    }

    [Fact]
    public async Task Revoke_StagedEpoch_EndsItsRotation()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await using var stalled = await service.NodeAsync("edge-1");
        using var rotation = new RunningRotation(service.Channel());
        var staged = (await rotation.UntilAsync(RotateResponse.ProgressOneofCase.Staged)).Staged.Epoch;
        var active = (await service.Channel().Admin.ListAsync(new())).Epochs.Single(epoch => epoch.Sealing).Number;

        var revoking = service.Channel().RevokeAsync(staged);
        var fault = await Assert.ThrowsAsync<RpcException>(rotation.DoneAsync);
        while ((await stalled.RingAsync()) is var ring)
        {
            await stalled.AcknowledgeAsync(ring.Generation);
            if (ring.Epochs.All(epoch => epoch.Number != staged || epoch.State is EpochState.Destroyed))
                break;
        }

        Assert.Equal(StatusCode.Aborted, fault.StatusCode);
        Assert.Equal(active, (await revoking).Single(step => step.Revoked is not null).Revoked.Sealing);
    }

    [Fact]
    public async Task Revoke_WhatIsNotThere_IsRefused()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var channel = service.Channel();
        var epoch = (await channel.Admin.ListAsync(new())).Epochs[0].Number;
        await channel.RevokeAsync(epoch);

        Assert.Equal(StatusCode.InvalidArgument, (await Calls.FaultAsync(() => channel.RevokeAsync(0))).StatusCode);
        Assert.Equal(StatusCode.NotFound, (await Calls.FaultAsync(() => channel.RevokeAsync(17))).StatusCode);
        Assert.Equal(StatusCode.FailedPrecondition, (await Calls.FaultAsync(() => channel.RevokeAsync(epoch))).StatusCode);
    }

    [Fact]
    public async Task Revoke_EveryEpochOneAfterTheOther_OneSealsAtEachMoment()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        KeyRingSubscriber node = await service.SubscribeAsync();
        for (var i = 0; i < 8; i++)
        {
            var sealing = node.Current!.SealingAt(DateTimeOffset.UtcNow)!.Number;
            await service.Channel().RevokeAsync(sealing);
            Assert.True(node.Current!.SealingAt(DateTimeOffset.UtcNow)!.Number > sealing);
        }

        Assert.Single(node.Current!.Epochs, epoch => epoch.Secret is not null);
    }
}
