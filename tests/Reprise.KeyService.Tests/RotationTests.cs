using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;
using EpochSecret = Reprise.Core.Keys.EpochSecret;
using Kind = Reprise.KeyProtocol.V1.RotateResponse.ProgressOneofCase;

namespace Reprise.KeyService.Tests;

public sealed class RotationTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task Rotate_LiveNodes_AllAcknowledgeBothStepsAndSealUnderTheNewEpoch()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var nodes = new[] { await service.SubscribeAsync("edge-1"), await service.SubscribeAsync("edge-2"), await service.SubscribeAsync("edge-3") };
        await AllAcknowledgedAsync(service, 3);
        var before = nodes[0].Current!.SealingAt(DateTimeOffset.UtcNow)!;
        using var rotation = new RunningRotation(service.Channel());

        var done = await rotation.DoneAsync();

        var staged = rotation.Steps[0].Staged;
        var activated = rotation.Steps.Single(step => step.ProgressCase is Kind.Activated).Activated;
        string[] names = ["edge-1", "edge-2", "edge-3"];
        Assert.Equal(names, staged.Nodes);
        Assert.Equal(names, rotation.Acknowledged(staged.Generation));
        Assert.Equal(names, rotation.Acknowledged(activated.Generation));
        Assert.Equal(names, done.Nodes.Select(node => node.Node));
        Assert.All(done.Nodes, node => Assert.True(node.HasStagedMilliseconds && node.HasActivatedMilliseconds));
        Assert.True(done.Complete);
        Assert.Empty(rotation.Laggards);
        Assert.Equal(before.Number, activated.Replaces);
        Assert.Equal(done.Epoch, staged.Epoch);
        // What "done" promises: from now on all seal under the new epoch, and still open what was sealed under the old one.
        foreach (var node in nodes)
        {
            Assert.Equal(done.Epoch, node.Current!.SealingAt(DateTimeOffset.UtcNow)!.Number);
            Assert.True(node.Current.Find(before.Number)!.Opens(DateTimeOffset.UtcNow));
        }
    }

    [Fact]
    public async Task Rotate_AgainAndAgain_WhatOneNodeSealsEveryOtherOpensAtEveryMoment()
    {
        await using var service = await KeyServiceHarness.StartAsync(null, ("Rotation:ActivationDelay", "00:00:00.050"));
        var nodes = new[] { await service.SubscribeAsync("edge-1"), await service.SubscribeAsync("edge-2"), await service.SubscribeAsync("edge-3") };
        await AllAcknowledgedAsync(service, 3);
        using var stop = new CancellationTokenSource();
        var watching = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (var issuer in nodes)
                {
                    var sealing = issuer.Current!.SealingAt(DateTimeOffset.UtcNow);
                    Assert.NotNull(sealing);
                    Assert.All(nodes, node => Assert.True(node.Current!.Find(sealing.Number)?.Opens(DateTimeOffset.UtcNow)));
                }
            }
        });

        var channel = service.Channel();
        for (var i = 0; i < 10; i++)
        {
            using var rotation = new RunningRotation(channel);
            var done = await rotation.DoneAsync();
            Assert.True(done.Complete);
            Assert.All(nodes, node => Assert.Equal(done.Epoch, node.Current!.SealingAt(DateTimeOffset.UtcNow)!.Number));
        }

        await stop.CancelAsync();
        await watching;
    }

    [Fact]
    public async Task Rotate_BeforeEveryNodeAcknowledged_NothingIsActivated()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        var node = await service.NodeAsync("edge-1");
        await AllAcknowledgedAsync(service, 1);
        using var rotation = new RunningRotation(service.Channel(), _time);
        var staged = (await rotation.UntilAsync(Kind.Staged)).Staged;

        var ring = await node.RingAsync();
        var listed = await service.Channel().Admin.ListAsync(new());
        Assert.Equal(staged.Generation, ring.Generation);
        Assert.Equal(staged.Generation, listed.Generation);
        Assert.Equal(EpochState.Staged, listed.Epochs.Single(epoch => epoch.Number == staged.Epoch).State);
        Assert.NotEqual(staged.Epoch, listed.Epochs.Single(epoch => epoch.Sealing).Number);

        await node.AcknowledgeAsync(ring.Generation);
        await rotation.UntilAsync(Kind.Activated);
        await node.AcknowledgeAsync((await node.RingAsync()).Generation);
        Assert.True((await rotation.DoneAsync()).Complete);
    }

    [Fact]
    public async Task Rotate_SilentNode_IsNamedAtTheDeadlineAndNotWaitedForTwice()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        await service.SubscribeAsync("edge-1");
        await service.NodeAsync("edge-2");
        await AllAcknowledgedAsync(service, 2);
        using var rotation = new RunningRotation(service.Channel(), _time);
        var started = _time.GetUtcNow();

        var done = await rotation.DoneAsync();

        Assert.Equal(["edge-2", "edge-2"], rotation.Laggards.Select(laggard => laggard.Node));
        Assert.All(rotation.Laggards, laggard => Assert.Equal(LaggardReason.Deadline, laggard.Reason));
        Assert.False(done.Complete);
        Assert.False(done.Nodes.Single(node => node.Node == "edge-2").HasStagedMilliseconds);
        Assert.True(done.Nodes.Single(node => node.Node == "edge-1").HasActivatedMilliseconds);
        // One deadline of 10 s on the service's clock, not two.
        Assert.InRange(_time.GetUtcNow() - started, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Rotate_NodeThatIsLate_IsNamedALaggardAndItsAcknowledgementToldWhenItComes()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time, ("Rotation:ActivationDelay", "00:00:10"));
        var node = await service.NodeAsync("edge-1");
        await AllAcknowledgedAsync(service, 1);
        using var rotation = new RunningRotation(service.Channel(), _time);
        var staged = (await rotation.UntilAsync(Kind.Staged)).Staged;
        await AdvanceUntilAsync(() => service.Log.Text.Contains("Staged to Active", StringComparison.Ordinal));

        await node.RingAsync();
        var activation = await node.RingAsync();
        await node.AcknowledgeAsync(activation.Generation);
        await AllAcknowledgedAsync(service, 1);
        var done = await rotation.DoneAsync();

        Assert.Contains("edge-1", rotation.Laggards.Select(laggard => laggard.Node));
        // Acknowledging the later generation answers for the earlier one too.
        Assert.Equal(["edge-1"], rotation.Acknowledged(staged.Generation));
        Assert.Equal(["edge-1"], rotation.Acknowledged(activation.Generation));
        Assert.False(done.Complete);
    }

    [Fact]
    public async Task Rotate_NodeThatDisconnects_HoldsNothingUp()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        var node = await service.NodeAsync("edge-1");
        await AllAcknowledgedAsync(service, 1);
        using var rotation = new RunningRotation(service.Channel(), _time);
        await rotation.UntilAsync(Kind.Staged);

        await node.DisposeAsync();

        // With the clock standing: no deadline has passed.
        var laggard = (await rotation.UntilAsync(Kind.Laggard)).Laggard;
        Assert.Equal(LaggardReason.Disconnected, laggard.Reason);
        await rotation.UntilAsync(Kind.Activated);
        Assert.False((await rotation.DoneAsync()).Complete);
    }

    [Fact]
    public async Task Rotate_NodeThatJoinsMeanwhile_IsWaitedForToo()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        var first = await service.NodeAsync("edge-1");
        await AllAcknowledgedAsync(service, 1);
        using var rotation = new RunningRotation(service.Channel(), _time);
        var staged = (await rotation.UntilAsync(Kind.Staged)).Staged;
        var second = await service.NodeAsync("edge-2", acknowledge: false);

        await first.AcknowledgeAsync((await first.RingAsync()).Generation);
        Assert.Equal("edge-1", (await rotation.NextAsync()).Acknowledged.Node);
        await second.AcknowledgeAsync(staged.Generation);

        Assert.Equal("edge-2", (await rotation.NextAsync()).Acknowledged.Node);
        Assert.Equal(Kind.Activated, (await rotation.NextAsync()).ProgressCase);
    }

    [Fact]
    public async Task Rotate_WhileAnotherRuns_IsAborted()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        await service.NodeAsync("edge-1");
        using var first = new RunningRotation(service.Channel(), _time);
        await first.UntilAsync(Kind.Staged);
        using var second = new RunningRotation(service.Channel());

        var fault = await Assert.ThrowsAsync<RpcException>(second.NextAsync);

        Assert.Equal(StatusCode.Aborted, fault.StatusCode);
        Assert.Contains("admin/admin", fault.Status.Detail, StringComparison.Ordinal);
        await first.DoneAsync();
        using var third = new RunningRotation(service.Channel(), _time);
        Assert.Equal(Kind.Staged, (await third.NextAsync()).ProgressCase);
    }

    [Fact]
    public async Task Rotate_CallerGoesAway_RunsToItsEnd()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        var node = await service.NodeAsync("edge-1");
        var rotation = new RunningRotation(service.Channel());
        var staged = (await rotation.UntilAsync(Kind.Staged)).Staged;
        rotation.Dispose();

        await node.AcknowledgeAsync((await node.RingAsync()).Generation);
        await node.AcknowledgeAsync((await node.RingAsync()).Generation);
        await AdvanceUntilAsync(() => service.Log.Text.Contains("Rotation done", StringComparison.Ordinal));

        var listed = await service.Channel().Admin.ListAsync(new());
        Assert.Equal(staged.Epoch, listed.Epochs.Single(epoch => epoch.Sealing).Number);
    }

    [Fact]
    public async Task Rotate_NoNodes_IsCompleteAtOnce()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        using var rotation = new RunningRotation(service.Channel(), _time);

        var done = await rotation.DoneAsync();

        Assert.True(done.Complete);
        Assert.Empty(done.Nodes);
    }

    [Fact]
    public async Task Rotate_ServiceStops_CallerIsToldUnavailable()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        await service.NodeAsync("edge-1");
        using var rotation = new RunningRotation(service.Channel());
        await rotation.UntilAsync(Kind.Staged);

        var stopping = service.StopAsync();
        var fault = await Assert.ThrowsAsync<RpcException>(() => rotation.UntilAsync(Kind.Done));

        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
        await stopping;
    }

    [Fact]
    public async Task Schedule_IntervalOver_Rotates()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        var before = await SealingAsync(service);

        _time.Advance(TimeSpan.FromHours(12) - TimeSpan.FromSeconds(1));
        Assert.Equal(before, await SealingAsync(service));
        await AdvanceUntilAsync(async () => await SealingAsync(service) > before);
    }

    [Fact]
    public async Task Schedule_RotationByHand_MovesTheTimer()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        var before = await SealingAsync(service);
        _time.Advance(TimeSpan.FromHours(11));
        using (var rotation = new RunningRotation(service.Channel(), _time))
            await rotation.DoneAsync();
        var byHand = await SealingAsync(service);
        Assert.True(byHand > before);

        // The time at which it would have rotated by itself.
        _time.Advance(TimeSpan.FromHours(2));
        await AdvanceUntilAsync(() => true);
        Assert.Equal(byHand, await SealingAsync(service));

        _time.Advance(TimeSpan.FromHours(10));
        await AdvanceUntilAsync(async () => await SealingAsync(service) > byHand);
    }

    [Fact]
    public async Task Time_DecryptLifeOver_DestroysOnServiceAndPushesIt()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        var keeper = (Epochs.EpochKeeper)service.Services.GetService(typeof(Epochs.EpochKeeper))!;
        var secret = keeper.Current.Active!.Secret!;
        var number = keeper.Current.Active.Number;
        using (var rotation = new RunningRotation(service.Channel(), _time))
            await rotation.DoneAsync();
        var node = await service.NodeAsync("edge-1");

        _time.Advance(TimeSpan.FromHours(24));
        await AdvanceUntilAsync(() => keeper.Current.Epochs.Any(epoch => epoch.Number == number && epoch.Secret is null));

        Assert.Throws<ObjectDisposedException>(() => secret.CopyTo(new byte[EpochSecret.Length]));
        KeyRing ring;
        do
        {
            ring = await node.RingAsync();
        }
        while (ring.Epochs.Single(epoch => epoch.Number == number).State != EpochState.Destroyed);
        Assert.True(ring.Epochs.Single(epoch => epoch.Number == number).Secret.IsEmpty);
    }

    [Fact]
    public async Task Stop_Secrets_AreZeroed()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var keeper = (Epochs.EpochKeeper)service.Services.GetService(typeof(Epochs.EpochKeeper))!;
        var secret = keeper.Current.Active!.Secret!;

        await service.StopAsync();

        Assert.Throws<ObjectDisposedException>(() => secret.CopyTo(new byte[EpochSecret.Length]));
    }

    [Fact]
    public async Task Restart_NodeWithTickets_TakesTheNewEpochAndGoesOnOpeningTheOldOnes()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var node = await service.SubscribeAsync();
        using (var rotation = new RunningRotation(service.Channel()))
            await rotation.DoneAsync();
        var before = node.Current!;

        await service.StopAsync();
        await Eventually.TrueAsync(() => !node.Connected);
        Assert.Same(before, node.Current);
        Assert.NotNull(before.SealingAt(DateTimeOffset.UtcNow));

        await service.StartAsync();
        await Eventually.TrueAsync(() => node.Connected);
        var after = node.Current!;
        var sealing = after.SealingAt(DateTimeOffset.UtcNow)!;
        Assert.True(after.Generation > before.Generation);
        Assert.True(sealing.Number > before.Epochs[0].Number);
        Assert.All(before.Epochs, epoch => Assert.True(after.Find(epoch.Number)!.Opens(DateTimeOffset.UtcNow)));
        Assert.All(before.Epochs, epoch => Assert.False(after.Find(epoch.Number)!.Seals(DateTimeOffset.UtcNow)));
    }

    private static async Task<long> SealingAsync(KeyServiceHarness service) =>
        (await service.Channel().Admin.ListAsync(new())).Epochs.SingleOrDefault(epoch => epoch.Sealing)?.Number ?? 0;

    private static Task AllAcknowledgedAsync(KeyServiceHarness service, int nodes)
    {
        var channel = service.Channel();
        return Eventually.TrueAsync(async () =>
        {
            var listed = await channel.Admin.NodesAsync(new());
            return listed.Nodes.Count(node => node.Live && node.AcknowledgedGeneration == listed.Generation) == nodes;
        });
    }

    private Task AdvanceUntilAsync(Func<bool> condition) => AdvanceUntilAsync(() => Task.FromResult(condition()));

    private Task AdvanceUntilAsync(Func<Task<bool>> condition) => Eventually.TrueAsync(() =>
    {
        _time.Advance(TimeSpan.FromMilliseconds(100));
        return condition();
    });
}
