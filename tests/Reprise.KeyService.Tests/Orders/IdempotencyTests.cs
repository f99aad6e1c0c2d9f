using Google.Rpc;
using Grpc.Core;
using Reprise.KeyService.Tests.Harness;

namespace Reprise.KeyService.Tests.Orders;

public sealed class IdempotencyTests
{
    [Fact]
    public async Task Rotate_SameKeyAgain_IsTheSameRotation()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await service.SubscribeAsync();

        var first = await service.Channel().RotateAsync("k-1");
        var second = await service.Channel().RotateAsync("k-1");

        Assert.Equal(first, second);
        Assert.Equal(2, (await service.Channel().Admin.ListAsync(new())).Epochs.Count);
    }

    [Fact]
    public async Task Rotate_SameKeyWhileItRuns_IsJoinedFromItsBeginning()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await using var node = await service.NodeAsync("edge-1");
        var first = service.Channel().RotateAsync("k-1");
        var staged = await node.RingAsync();
        var second = service.Channel().RotateAsync("k-1");

        await node.AcknowledgeAsync(staged.Generation);
        await node.AcknowledgeAsync((await node.RingAsync()).Generation);

        Assert.Equal(await first, await second);
    }

    [Fact]
    public async Task Rotate_KeyOfAnEarlierOne_TellsHowThingsStand()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await service.SubscribeAsync();
        var first = (await service.Channel().RotateAsync("k-1"))[^1].Done;
        for (var i = 0; i < 17; i++)
            await service.Channel().RotateAsync();
        var epochs = (await service.Channel().Admin.ListAsync(new())).Epochs;

        var again = (await service.Channel().RotateAsync("k-1"))[^1].Done;

        Assert.Equal((first.Epoch, true), (again.Epoch, again.Complete));
        Assert.Equal(epochs.Select(epoch => epoch.Number), (await service.Channel().Admin.ListAsync(new())).Epochs.Select(epoch => epoch.Number));
    }

    [Fact]
    public async Task Purge_SameKeyAgain_HasTheSameNumber()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await service.SubscribeAsync();
        var admin = service.Channel().Admin;

        var first = await admin.PurgeSessionsAsync(new() { All = true, IdempotencyKey = "k-1" });
        var second = await admin.PurgeSessionsAsync(new() { All = true, IdempotencyKey = "k-1" });

        Assert.Equal((first.Number, first.Generation), (second.Number, second.Generation));
    }

    [Fact]
    public async Task Revoke_SameKeyAgain_IsTheSameRevocation()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var node = await service.SubscribeAsync();
        var epoch = node.Current!.Epochs[0].Number;

        var first = await service.Channel().RevokeAsync(epoch, purge: true, key: "k-1");
        var second = await service.Channel().RevokeAsync(epoch, purge: true, key: "k-1");

        Assert.Equal(first, second);
    }

    [Fact]
    public async Task RemoveNode_SameKeyAgain_RotatesOnce()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await (await service.NodeAsync("edge-1")).DisposeAsync();
        await service.Channel().RemoveNodeAsync("edge-1", "k-1");
        var epochs = (await service.Channel().Admin.ListAsync(new())).Epochs.Count;

        var again = await service.Channel().RemoveNodeAsync("edge-1", "k-1");

        Assert.Equal("edge-1", Assert.Single(again).Removed.Node);
        Assert.Equal(epochs, (await service.Channel().Admin.ListAsync(new())).Epochs.Count);
    }

    [Fact]
    public async Task AnotherCall_UnderAUsedKey_IsRefusedWithItsReason()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await service.Channel().RotateAsync("k-1");

        var fault = await Calls.FaultAsync(() => service.Channel().Admin.PurgeSessionsAsync(new() { All = true, IdempotencyKey = "k-1" }).ResponseAsync);
        var tooLong = await Calls.FaultAsync(() => service.Channel().RotateAsync(new string('k', 129)));

        Assert.Equal((StatusCode.InvalidArgument, StatusCode.InvalidArgument), (fault.StatusCode, tooLong.StatusCode));
        var reason = fault.GetRpcStatus()!.GetDetail<ErrorInfo>()!;
        Assert.Equal(("reprise", "IDEMPOTENCY_KEY_REUSED"), (reason.Domain, reason.Reason));
    }

    [Fact]
    public async Task Rotate_WithoutAKey_IsCarriedOutEachTime()
    {
        await using var service = await KeyServiceHarness.StartAsync();

        await service.Channel().RotateAsync();
        await service.Channel().RotateAsync();

        Assert.Equal(3, (await service.Channel().Admin.ListAsync(new())).Epochs.Count);
    }

    [Fact]
    public async Task Rotate_SoonerThanTheSpacing_IsRefusedAndARevocationIsNot()
    {
        await using var service = await KeyServiceHarness.StartAsync(null, ("Rotation:MinimumSpacing", "00:10:00"));
        var epoch = (await service.Channel().RotateAsync())[^1].Done.Epoch;

        var fault = await Calls.FaultAsync(() => service.Channel().RotateAsync());

        Assert.Equal(StatusCode.FailedPrecondition, fault.StatusCode);
        Assert.Equal("TOO_SOON", fault.GetRpcStatus()!.GetDetail<ErrorInfo>()!.Reason);
        Assert.Equal(epoch, (await service.Channel().RevokeAsync(epoch))[^1].Done.Epoch);
    }
}
