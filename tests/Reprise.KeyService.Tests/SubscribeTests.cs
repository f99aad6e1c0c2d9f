using Grpc.Core;
using Reprise.KeyProtocol;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests;

public sealed class SubscribeTests
{
    [Fact]
    public async Task Subscribe_Edge_IsSentTheRingAtOnceAndListedWhenItAcknowledged()
    {
        await using var service = await KeyServiceHarness.StartAsync();

        var uses = new Uses();
        await service.SubscribeAsync(uses: uses, changed: uses.Of);

        var channel = service.Channel();
        await Eventually.TrueAsync(async () => (await channel.Admin.NodesAsync(new())) is { Nodes: [{ Live: true } node] } answer && node.AcknowledgedGeneration == answer.Generation);
        await Eventually.TrueAsync(async () => (await channel.Admin.ListAsync(new())).Epochs[0] is { Seals: 5, Opens: 7 });
        var listed = await channel.Admin.ListAsync(new());
        var known = (await channel.Admin.NodesAsync(new())).Nodes;
        Assert.Equal("edge-1", known[0].Name);
        Assert.StartsWith("127.0.0.1:", known[0].Address, StringComparison.Ordinal);
        Assert.NotEmpty(known[0].Version);
        Assert.True(listed.Epochs[0].Sealing);
        Assert.Equal("keys-1", listed.Service);
    }

    [Fact]
    public async Task Subscribe_NodeGone_IsListedAsNotLive()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var node = await service.NodeAsync("edge-1");
        var channel = service.Channel();
        Assert.True((await channel.Admin.NodesAsync(new())).Nodes.Single().Live);

        await node.DisposeAsync();

        await Eventually.TrueAsync(async () => !(await channel.Admin.NodesAsync(new())).Nodes.Single().Live);
    }

    [Fact]
    public async Task Subscribe_SecondStreamOfANode_EndsTheFirst()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var first = await service.NodeAsync("edge-1");
        var second = await service.NodeAsync("edge-1");

        Assert.Equal(StatusCode.Aborted, (await first.EndAsync()).StatusCode);
        Assert.True((await service.Channel().Admin.NodesAsync(new())).Nodes.Single().Live);
        await second.AcknowledgeAsync((await service.Channel().Admin.ListAsync(new())).Generation);
    }

    [Fact]
    public async Task Subscribe_AcknowledgementOfWhatWasNeverSent_EndsTheStream()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var node = await service.NodeAsync("edge-1", acknowledge: false);

        await node.AcknowledgeAsync(long.MaxValue);

        Assert.Equal(StatusCode.InvalidArgument, (await node.EndAsync()).StatusCode);
    }

    [Fact]
    public async Task Subscribe_NoHelloFirst_IsInvalid()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await using var node = new ScriptedNode(service.Channel("edge-1").Invoker);

        await node.SayAsync(new() { Acknowledge = new() { Generation = 1 } });

        Assert.Equal(StatusCode.InvalidArgument, (await node.EndAsync()).StatusCode);
    }

    [Fact]
    public async Task Subscribe_HelloTwice_IsInvalid()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var node = await service.NodeAsync("edge-1");

        await node.SayAsync(new() { Hello = new() { Node = "edge-1" } });

        Assert.Equal(StatusCode.InvalidArgument, (await node.EndAsync()).StatusCode);
    }

    [Fact]
    public async Task Subscribe_VersionWithControlCharacters_IsMadeHarmless()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await using var node = new ScriptedNode(service.Channel("edge-1").Invoker);

        await node.SayAsync(new() { Hello = new() { Node = "edge-1", Version = "1.0\u001b[2J\n" + new string('x', 5000) } });
        await node.RingAsync();

        var version = (await service.Channel().Admin.NodesAsync(new())).Nodes.Single().Version;
        Assert.StartsWith("1.0??2J?", version, StringComparison.Ordinal);
        Assert.Equal(32, version.Length);
    }

    [Fact]
    public async Task Stop_OpenStreams_EndUnavailable()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var node = await service.NodeAsync("edge-1");

        var end = node.EndAsync();

        await service.StopAsync();

        // On a busy machine Kestrel may be done with the connection before the trailers are out; to a node both mean: again.
        Assert.Contains((await end).StatusCode, (StatusCode[])[StatusCode.Unavailable, StatusCode.Internal]);
    }

    private sealed class Uses : IEpochUse
    {
        private long _epoch;

        public void Of(Core.Keys.KeyRing ring) => _epoch = ring.Epochs[0].Number;

        public IReadOnlyList<EpochUse> Read() => [new(_epoch, 5, 7), new(1, 1, 1)];
    }
}
