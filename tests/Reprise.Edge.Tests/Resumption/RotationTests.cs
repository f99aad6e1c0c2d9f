using Grpc.Core;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Resumption;

/// <summary>Rotation by the admin call, with nodes that serve: nothing that a client holds is lost, and all nodes switch.</summary>
public sealed class RotationTests(EdgeWorld world) : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Rotate_WithTwoNodes_KeepsOldSessionsAndSealsNewOnesUnderTheNewEpoch()
    {
        await using var keys = await world.StartKeyServiceAsync();
        var address = keys.Ready.GetProperty("grpc").GetString()!;
        var starting = world.StartEdgeAsync(world.Settings("edge-4", keyService: address));
        await using var one = await world.StartEdgeAsync(world.Settings("edge-5", keyService: address));
        await using var two = await starting;
        var (ticket12, ticket13, id, handle) = (_files.File("ticket12"), _files.File("ticket13"), _files.File("id"), _files.File("handle"));
        var before = await one.VisitAsync("1.2", EdgeSettings.Stateless, keep: ticket12);
        await one.VisitAsync("1.3", EdgeSettings.Stateless, keep: ticket13);
        await one.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, keep: id);
        await one.VisitAsync("1.3", EdgeSettings.Stateful, keep: handle);

        var done = await RotateAsync(address);

        Assert.True(done.Complete);
        Assert.Equal(["edge-4", "edge-5"], done.Nodes.Select(node => node.Node));
        Assert.All(done.Nodes, node => Assert.True(node is { HasStagedMilliseconds: true, HasActivatedMilliseconds: true }));
        Assert.True(done.Epoch > before.Epoch);

        // What was issued before resumes on the other node, under the epoch it was sealed with.
        var old12 = await two.VisitAsync("1.2", EdgeSettings.Stateless, offer: ticket12);
        var old13 = await two.VisitAsync("1.3", EdgeSettings.Stateless, offer: ticket13, keep: ticket13);
        Assert.Equal(("stateless", before.Epoch), (old12.Mode, old12.Epoch));
        Assert.Equal(("stateless", before.Epoch), (old13.Mode, old13.Epoch));
        Assert.Equal("stateful", (await two.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, offer: id)).Mode);
        Assert.Equal("stateful", (await two.VisitAsync("1.3", EdgeSettings.Stateful, offer: handle)).Mode);

        // TLS 1.3 renews with each handshake; TLS 1.2 because the key has retired, and only then.
        var new12 = await one.VisitAsync("1.2", EdgeSettings.Stateless, keep: ticket12);
        Assert.NotEmpty(before.TicketName);
        Assert.NotEqual(before.TicketName, old12.TicketName);
        Assert.Equal(new12.TicketName, old12.TicketName);
        Assert.Equal(new12.TicketName, (await two.VisitAsync("1.2", EdgeSettings.Stateless, offer: ticket12)).TicketName);
        var new13 = await one.VisitAsync("1.3", EdgeSettings.Stateless, offer: ticket13);
        Assert.Equal(("stateless", "edge-4", done.Epoch), (new13.Mode, new13.Issuer, new13.Epoch));
        foreach (var node in new[] { one, two })
            Assert.Equal(done.Epoch, (await node.VisitAsync("1.3", EdgeSettings.Stateless)).Epoch);

        await AssertUsesArriveAsync(address, before.Epoch, done.Epoch);
    }

    private async Task<RotateResponse.Types.Done> RotateAsync(string address)
    {
        using var admin = world.Admin(address);
        using var call = admin.Admin.Rotate(new RotateRequest());
        RotateResponse? last = null;
        await foreach (var step in call.ResponseStream.ReadAllAsync())
            last = step;
        return last!.Done;
    }

    // Heartbeats carry how often each epoch was used.
    private async Task AssertUsesArriveAsync(string address, long former, long current)
    {
        using var admin = world.Admin(address);
        await Eventually.TrueAsync(async () =>
        {
            var epochs = (await admin.Admin.ListAsync(new ListRequest())).Epochs.ToDictionary(epoch => epoch.Number);
            return epochs[former] is { Seals: > 0, Opens: > 0 } && epochs[current] is { Seals: > 0, Opens: > 0, Sealing: true };
        });
    }
}
