using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Switches;

public sealed class SwitchTests
{
    private static readonly Hello s_hello = new() { Node = "edge-1", Profiles = { new ServedProfile { Name = "shop", Stateful = true, Stateless = true } } };

    [Fact]
    public async Task SetResumption_OneSwitch_IsInTheRingAndTheOtherStays()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await using var node = await ServingAsync(service);

        var setting = service.Channel().Admin.SetResumptionAsync(new() { Profile = "shop", Stateless = false }).ResponseAsync;
        var ring = await node.RingAsync();
        await node.AcknowledgeAsync(ring.Generation);
        var set = await setting;

        var pushed = Assert.Single(ring.Switches);
        Assert.Equal(set.Switch, pushed);
        Assert.Equal((false, true, false), (pushed.HasStateful, pushed.HasStateless, pushed.Stateless));
        Assert.Equal(pushed.Number, pushed.TicketsFrom);
        Assert.Empty(ring.Purges);
        Assert.Equal(["edge-1"], set.Acknowledgements.Nodes.Where(each => each.HasMilliseconds).Select(each => each.Node));
        Assert.Equal(pushed, Assert.Single((await service.Channel().Admin.ListAsync(new())).Switches));
    }

    [Fact]
    public async Task SetResumption_StatefulOff_PurgesWhatIsStored()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await using var node = await ServingAsync(service);

        var setting = service.Channel().Admin.SetResumptionAsync(new() { Profile = "shop", Stateful = false }).ResponseAsync;
        var ring = await node.RingAsync();
        await node.AcknowledgeAsync(ring.Generation);
        await setting;

        Assert.Equal("shop", Assert.Single(ring.Purges).Profile);
    }

    [Fact]
    public async Task SetResumption_AcknowledgedWithProfiles_NodesTellsWhatIsInForce()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await using var node = await ServingAsync(service);

        var setting = service.Channel().Admin.SetResumptionAsync(new() { Profile = "shop", Stateful = false }).ResponseAsync;
        var ring = await node.RingAsync();
        await node.SayAsync(new() { Acknowledge = new() { Generation = ring.Generation, Profiles = { new ServedProfile { Name = "shop", Stateless = true } } } });
        await setting;

        Assert.False((await service.Channel().Admin.NodesAsync(new())).Nodes.Single().Profiles.Single().Stateful);
    }

    [Fact]
    public async Task SetResumption_KeyServiceThatLostItsMemory_LearnsItFromANode()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var held = new ResumptionSwitch { Profile = "shop", Stateless = false, Number = 1_800_000_000_000, TicketsFrom = 1_800_000_000_000 };
        await using var node = new ScriptedNode(service.Channel("edge-1").Invoker);

        await node.SayAsync(new() { Hello = new(s_hello) { Switches = { held } } });

        Assert.Equal(held, Assert.Single((await node.RingAsync()).Switches));
        Assert.Equal(held, Assert.Single((await service.Channel().Admin.ListAsync(new())).Switches));
    }

    [Fact]
    public async Task SetResumption_NodeThatTellsOfASwitchLater_IsNotBelieved()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var service = await KeyServiceHarness.StartAsync(time);
        time.Advance(TimeSpan.FromMinutes(11));
        await using var node = new ScriptedNode(service.Channel("edge-1").Invoker);

        // A node in other hands: this is an admin's to order.
        await node.SayAsync(new() { Hello = new(s_hello) { Switches = { new ResumptionSwitch { Profile = "shop", Stateless = true, Number = 1_900_000_000_000 } }, Purges = { new Purge { Number = 1_900_000_000_000 } } } });

        var ring = await node.RingAsync();
        Assert.Empty(ring.Switches);
        Assert.Empty(ring.Purges);
    }

    [Fact]
    public async Task SetResumption_OfNothing_IsRefused()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await using var node = await ServingAsync(service);
        var admin = service.Channel().Admin;

        var noProfile = await Calls.FaultAsync(() => admin.SetResumptionAsync(new() { Stateful = true }).ResponseAsync);
        var noSwitch = await Calls.FaultAsync(() => admin.SetResumptionAsync(new() { Profile = "shop" }).ResponseAsync);
        var unknown = await Calls.FaultAsync(() => admin.SetResumptionAsync(new() { Profile = "bank", Stateful = true }).ResponseAsync);

        Assert.Equal(
            (StatusCode.InvalidArgument, StatusCode.InvalidArgument, StatusCode.NotFound), (noProfile.StatusCode, noSwitch.StatusCode, unknown.StatusCode));
    }

    private static async Task<ScriptedNode> ServingAsync(KeyServiceHarness service)
    {
        var node = new ScriptedNode(service.Channel("edge-1").Invoker);
        await node.SayAsync(new() { Hello = s_hello });
        await node.AcknowledgeAsync((await node.RingAsync()).Generation);
        await Eventually.TrueAsync(async () => (await service.Channel().Admin.NodesAsync(new())).Nodes is [{ AcknowledgedGeneration: > 0 }]);
        return node;
    }
}
