using System.Net.Sockets;
using System.Text;
using Reprise.Testing;

namespace Reprise.Tls.Tests.Limits;

/// <summary>What a server does when there is too much of something.</summary>
public sealed class LimitTests : TlsTest
{
    [Fact]
    public async Task Accept_AtTheTotalLimit_ConnectsWaitAndAreServedWhenOthersEnd()
    {
        await using var server = await StartAsync(options => options.MaxConnections = 4);
        var held = new List<Socket>();
        for (var i = 0; i < 4; i++)
            held.Add(await RawClient.ConnectAsync(server));
        await Eventually.TrueAsync(() => server.Transport.Connections == 4);

        var waiting = Enumerable.Range(0, 8).Select(_ => (Client(server) with { Version = "1.3" }).RunAsync()).ToList();
        await Task.Delay(500); // time in which one that is let in would be
        Assert.Empty(server.Policy.Handshakes);
        Assert.Equal(4, server.Transport.Connections);
        held.ForEach(socket => socket.Dispose());

        foreach (var client in waiting)
            Assert.Contains("200 OK", (await client).Response);
        await Eventually.TrueAsync(() => server.Transport.Connections == 0);
        Assert.Empty(server.Policy.Refusals);
    }

    [Fact]
    public async Task Accept_MoreOfOneAddressThanAllowed_AreResetAndCounted()
    {
        await using var server = await StartAsync(options => options.MaxConnectionsPerAddress = 2);
        await using var one = await ConnectAsync(server.Address);
        await using (await ConnectAsync(server.Address))
        {
            await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(server.Address));
            Assert.Equal(ConnectionRefusal.TooManyConnections, Assert.Single(server.Policy.Refusals));
        }

        await Eventually.TrueAsync(() => server.Transport.Connections == 1);
        Assert.Contains("200 OK", (await Client(server).RunAsync()).Response);
        Assert.Empty(server.Policy.Failures);
    }

    [Fact]
    public async Task Accept_FasterThanAllowed_IsResetAndServedAgainLater()
    {
        await using var server = await StartAsync(options => options.MaxHandshakesPerSecondPerAddress = 2);
        using var cancel = new CancellationTokenSource(Eventually.DefaultTimeout);
        while (server.Policy.Refusals.IsEmpty) // however slow the machine is, raw connects are faster
        {
            for (var i = 0; i < 32; i++)
            {
                try
                {
                    (await RawClient.ConnectAsync(server)).Dispose();
                }
                catch (SocketException)
                {
                    // The reset was faster.
                }
            }

            cancel.Token.ThrowIfCancellationRequested();
        }

        Assert.All(server.Policy.Refusals, refusal => Assert.Equal(ConnectionRefusal.TooFast, refusal));
        await Eventually.TrueAsync(async () => (await Client(server).RunAsync()).Response?.Contains("200 OK", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Idle_BetweenRequests_IsClosedAfterTheProfilesTimeoutButNotWithinARequest()
    {
        await using var server = await TlsServer.StartAsync(
            Shared, options => options.RequestsAreCounted = true, Options(options => options with { IdleTimeout = TimeSpan.FromMilliseconds(400) }));
        await using var stream = await ConnectAsync(server.Address);

        await stream.WriteAsync("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray()); // takes a second
        var answer = Encoding.ASCII.GetString(await ReadToEndAsync(stream)); // and nothing but the idle deadline ends the connection

        Assert.Contains("200 OK", answer);
        Assert.EndsWith("slow\r\n0\r\n\r\n", answer);
    }

    private Task<TlsServer> StartAsync(Action<TlsTransportOptions> change) => TlsServer.StartAsync(Shared, change, Options());
}
