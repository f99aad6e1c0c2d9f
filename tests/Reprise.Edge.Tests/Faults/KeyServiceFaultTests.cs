using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Faults;

public sealed class KeyServiceFaultTests(EdgeWorld world) : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task KeyService_Stopped_TicketsGoOnResumingAndBeingIssued()
    {
        await using var relay = TcpRelay.Start(world.KeyServiceAddress);
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-4", keyService: relay.Address));
        var (ticket, handle) = (_files.File("ticket"), _files.File("handle"));
        await edge.VisitAsync("1.2", EdgeSettings.Stateless, keep: ticket);

        relay.Refuse();
        relay.CutAll();
        await edge.MetricsSayAsync(now => now.Sum("reprise_keyservice_connected") == 0);

        Assert.Equal("stateless", (await edge.VisitAsync("1.2", EdgeSettings.Stateless, offer: ticket)).Mode);
        await edge.VisitAsync("1.3", EdgeSettings.Stateless, keep: ticket);
        Assert.Equal("stateless", (await edge.VisitAsync("1.3", EdgeSettings.Stateless, offer: ticket)).Mode);
        await edge.VisitAsync("1.3", EdgeSettings.Stateful, keep: handle);
        Assert.Equal("stateful", (await edge.VisitAsync("1.3", EdgeSettings.Stateful, offer: handle)).Mode);
        using (var ready = await edge.AskAsync("/readyz"))
            Assert.True(ready.IsSuccessStatusCode);

        relay.Accept();
        await Eventually.TrueAsync(async () => (await edge.MetricsAsync()).Sum("reprise_keyservice_connected") == 1, TimeSpan.FromSeconds(30));
        Assert.Empty(edge.Errors);
    }

    // DESIGN §5: a node never uses a key past its time, and never makes one of its own.
    [Fact]
    public async Task KeyService_GoneUntilTheLastKeyIsPastItsTime_HandshakesGoOnWithoutSessions()
    {
        await using var keys = await world.StartKeyServiceAsync(rotation: new JsonObject
        {
            ["Interval"] = "00:00:02",
            ["DecryptLife"] = "00:00:02",
            ["AcknowledgeTimeout"] = "00:00:01",
        });
        await using var relay = TcpRelay.Start(keys.Ready.GetProperty("grpc").GetString()!);
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-6", keyService: relay.Address));
        relay.Refuse();
        relay.CutAll();

        await edge.MetricsSayAsync(now => now.Sum("reprise_epoch_sealing") == 0);

        foreach (var version in new[] { "1.2", "1.3" })
        {
            var visit = await edge.VisitAsync(version, EdgeSettings.Stateless);
            Assert.Equal((HandshakeKind.Full, 0, false), (visit.Kind, visit.Client.Tickets, visit.Client.HasTicket));
            Assert.Equal(System.Text.Json.JsonValueKind.Null, visit.Report.GetProperty("epoch").ValueKind);
            Assert.Equal(HandshakeKind.Full, (await edge.VisitAsync(version, EdgeSettings.Stateful, noTicket: true)).Kind);
        }

        await edge.Process.WaitForLineAsync("its secret is destroyed");
        relay.Accept();
        await Eventually.TrueAsync(async () => (await edge.MetricsAsync()).Sum("reprise_epoch_sealing") != 0, TimeSpan.FromSeconds(30));
        // Keys of two seconds: on a slow machine there are moments without one.
        await Eventually.TrueAsync(async () => (await edge.VisitAsync("1.3", EdgeSettings.Stateless)).Client.Tickets > 0, TimeSpan.FromSeconds(30));
        Assert.Empty(edge.Errors);
    }

    // DESIGN §5: the first epoch is in place before a listener opens.
    [Fact]
    public async Task Start_BeforeTheKeyService_ListensNowhereUntilTheFirstKeyRing()
    {
        await using var relay = TcpRelay.Start(world.KeyServiceAddress);
        relay.Refuse();
        var (tls, management) = (FreePort.Next(), FreePort.Next());
        var config = world.Write(world.Settings("edge-5", keyService: relay.Address).With("Edge:Listen:0", $"127.0.0.1:{tls}").With("Edge:Management", $"127.0.0.1:{management}"));
        await using var edge = NodeProcess.Start(EdgeWorld.Project, ["--config", config]);
        await edge.WaitForLineAsync("Waiting for the first key ring", TimeSpan.FromSeconds(30));
        await edge.WaitForLineAsync("not to be used", TimeSpan.FromSeconds(30));

        Assert.False(await IsOpenAsync(tls));
        Assert.False(await IsOpenAsync(management));
        await edge.SignalAsync("HUP"); // asks for a reload, and ends nothing
        relay.Accept();
        await edge.WaitReadyAsync(Path.Combine(Path.GetDirectoryName(config)!, "edge-5.ready.json"));

        Assert.True(await IsOpenAsync(tls));
        Assert.Equal(0, await edge.TerminateAsync());
    }

    [Fact]
    public async Task Terminate_WhileWaitingForTheFirstKeyRing_EndsWithZeroAndWithoutAStack()
    {
        var config = world.Write(world.Settings("edge-5", keyService: $"127.0.0.1:{FreePort.Next()}"));
        await using var edge = NodeProcess.Start(EdgeWorld.Project, ["--config", config]);
        await edge.WaitForLineAsync("Waiting for the first key ring", TimeSpan.FromSeconds(30));

        Assert.Equal(0, await edge.TerminateAsync());
        Assert.DoesNotContain(edge.Lines, line => line.Contains("Exception", StringComparison.Ordinal) || line.Contains("   at ", StringComparison.Ordinal));
    }

    private static async Task<bool> IsOpenAsync(int port)
    {
        using var client = new System.Net.Sockets.TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
