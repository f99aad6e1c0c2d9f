using System.Net.Sockets;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Faults;

/// <summary>What clients do wrong is theirs: a metric, no error in the log, and the next client is served.</summary>
public sealed class HostileClientTests(EdgeWorld world) : IAsyncLifetime
{
    private readonly TemporaryDirectory _files = new();
    private EdgeNode _edge = null!;

    // Without a default profile; all logs, since a bad handshake must not even be a warning.
    public async ValueTask InitializeAsync()
    {
        var settings = world.Settings("edge-3");
        settings["Profiles"]!.AsObject().Remove("default");
        _edge = await world.StartEdgeAsync(settings);
    }

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Clients_OfEveryBadKind_AreCountedAndNotLogged()
    {
        await SendGarbageAsync(40);
        await AskForUnknownNamesAsync();
        await OfferATamperedTicketAsync();
        await OfferAnUnknownSessionIdAsync();
        await OfferATamperedHandleAsync();

        var last = await _edge.VisitAsync("1.3", EdgeSettings.Stateful);
        Assert.Equal(HandshakeKind.Full, last.Kind);
        Assert.Equal(0, (await _edge.MetricsAsync()).Failures("internal"));
        Assert.Empty(_edge.Errors);
        // Of ours: Kestrel warns of a machine that is too busy.
        Assert.DoesNotContain(_edge.Process.Lines, line => line.Contains(" warn: Reprise.", StringComparison.Ordinal));
    }

    private async Task SendGarbageAsync(int times)
    {
        var random = new Random(20260301);
        for (var i = 0; i < times; i++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(_edge.EndPoint);
            var bytes = new byte[random.Next(0, 2000)];
            random.NextBytes(bytes);
            if (i % 3 == 0 && bytes.Length > 5)
                (bytes[0], bytes[1], bytes[2]) = (22, 3, 1); // a handshake record, by its head
            try
            {
                await socket.SendAsync(bytes);
                socket.Shutdown(SocketShutdown.Send);
                while (await socket.ReceiveAsync(new byte[1000]) > 0)
                {
                }
            }
            catch (SocketException)
            {
            }
        }

        await _edge.MetricsSayAsync(now => now.Failures("client") + now.Failures("closed") == times);
    }

    private async Task AskForUnknownNamesAsync()
    {
        var unknown = await new OpenSsl(_edge.Tls) { Version = "1.3", ServerName = "nobody.reprise.test" }.RunAsync();
        var none = await new OpenSsl(_edge.Tls) { Version = "1.2" }.RunAsync();

        Assert.Equal((HandshakeKind.None, HandshakeKind.None), (unknown.Kind, none.Kind));
        Assert.Contains("unrecognized name", unknown.Output, StringComparison.Ordinal);
        Assert.Contains("unrecognized name", none.Output, StringComparison.Ordinal);
        await _edge.MetricsSayAsync(now => now.Failures("unknown_name") == 2);
    }

    private async Task OfferATamperedTicketAsync()
    {
        foreach (var version in new[] { "1.2", "1.3" })
        {
            var session = _files.File("ticket.pem");
            await _edge.VisitAsync(version, EdgeSettings.Stateless, keep: session);
            var before = await _edge.MetricsAsync();
            await SessionPem.TamperAsync(session);

            var visit = await _edge.VisitAsync(version, EdgeSettings.Stateless, offer: session);

            Assert.True(visit.Kind is HandshakeKind.Full, visit.ToString());
            Assert.Equal(("full", "unknown_key"), (visit.Mode, visit.Declined));
            await _edge.MetricsSayAsync(now => now.Declines("unknown_key") == before.Declines("unknown_key") + 1);
        }
    }

    private async Task OfferAnUnknownSessionIdAsync()
    {
        var session = _files.File("id.pem");
        await _edge.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, keep: session);
        await SessionPem.TamperAsync(session);
        var before = await _edge.MetricsAsync();

        var visit = await _edge.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, offer: session);

        Assert.Equal((HandshakeKind.Full, "store_miss"), (visit.Kind, visit.Declined));
        Assert.NotEmpty(visit.Client.SessionId);
        await _edge.MetricsSayAsync(now => now.Declines("store_miss") == before.Declines("store_miss") + 1);
    }

    private async Task OfferATamperedHandleAsync()
    {
        var session = _files.File("handle.pem");
        await _edge.VisitAsync("1.3", EdgeSettings.Stateful, keep: session);
        await SessionPem.TamperAsync(session);

        var visit = await _edge.VisitAsync("1.3", EdgeSettings.Stateful, offer: session);

        Assert.Equal((HandshakeKind.Full, "store_miss"), (visit.Kind, visit.Declined));
    }
}
