using Grpc.Core;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Removal;

public sealed class NodeRemovalTests
{
    [Fact]
    public async Task RemoveNode_Live_IsCutRefusedAndTheKeysAreRotated()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var good = await service.SubscribeAsync("edge-1");
        await using var removed = await service.NodeAsync("edge-2");
        var before = good.Current!.SealingAt(DateTimeOffset.UtcNow)!.Number;

        var steps = await service.Channel().RemoveNodeAsync("edge-2");

        Assert.Equal("edge-2", steps[0].Removed.Node);
        var done = steps[^1].Rotation.Done;
        Assert.True(done.Epoch > before);
        Assert.Equal(done.Epoch, good.Current!.SealingAt(DateTimeOffset.UtcNow)!.Number);
        Assert.Equal(StatusCode.PermissionDenied, (await removed.EndAsync()).StatusCode);
        await using var again = new ScriptedNode(service.Channel("edge-2").Invoker);
        Assert.Equal(StatusCode.PermissionDenied, (await again.EndAsync()).StatusCode);
        var known = (await service.Channel().Admin.NodesAsync(new())).Nodes.Single(node => node.Name == "edge-2");
        Assert.Equal((false, true, steps[0].Removed.Serials.Single()), (known.Live, known.Removed, known.Serial));
        Assert.Contains(await service.Channel().AuditAsync(), entry => entry is { Actor: "edge/edge-2", Action: "refuse", Result: "refused" });
    }

    [Fact]
    public async Task RemoveNode_RingOfTheRotationThatFollows_IsNeverSentToIt()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await using var removed = await service.NodeAsync("edge-1");
        var before = (await service.Channel().Admin.ListAsync(new())).Epochs[0].Number;

        await service.Channel().RemoveNodeAsync("edge-1");

        // Whatever was on its way when the stream was cut holds no later epoch.
        Assert.Equal(StatusCode.PermissionDenied, (await removed.EndAsync(ring => Assert.All(ring.Epochs, epoch => Assert.True(epoch.Number <= before)))).StatusCode);
    }

    [Fact]
    public async Task RemoveNode_WhileARotationWaitsForIt_RotatesOnceMore()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await using var removed = await service.NodeAsync("edge-1");
        using var rotation = new RunningRotation(service.Channel());
        var given = (await rotation.UntilAsync(RotateResponse.ProgressOneofCase.Staged)).Staged.Epoch;

        var steps = await service.Channel().RemoveNodeAsync("edge-1");

        // What was staged before is in the removed node's hands.
        Assert.True(steps[^1].Rotation.Done.Epoch > given);
        Assert.True(steps[^1].Rotation.Done.Complete); // it is not waited for, nor named
    }

    [Fact]
    public async Task RemoveNode_NewCertificateOfTheName_IsTakenBack()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await using (await service.NodeAsync("edge-1"))
            await service.Channel().RemoveNodeAsync("edge-1");

        service.Renew("edge-1");

        await service.SubscribeAsync("edge-1");
        await Eventually.TrueAsync(async () => (await service.Channel().Admin.NodesAsync(new())).Nodes.Single() is { Live: true, Removed: false });
    }

    [Fact]
    public async Task RemoveNode_NeverSeen_IsNotFound()
    {
        await using var service = await KeyServiceHarness.StartAsync();

        Assert.Equal(StatusCode.NotFound, (await Calls.FaultAsync(() => service.Channel().RemoveNodeAsync("edge-9"))).StatusCode);
    }
}
