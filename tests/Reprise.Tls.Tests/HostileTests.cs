using System.Net.Sockets;
using System.Text;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>Bytes, silences and ends that no honest client has. After each the server must serve others.</summary>
public sealed class HostileTests : TlsTest
{
    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("\0")]
    [InlineData("\x16\x03\x01\xff\xff")]
    [InlineData("\x16\x03\x01\x00\x00")]
    [InlineData("\x15\x03\x03\x00\x02\x02\x28")]
    [InlineData("\x80\x2e\x01\x03\x03")]
    [InlineData("")]
    public async Task Garbage_EndsTheConnectionAndIsReportedOnce(string garbage)
    {
        await using var server = await StartOneLoopAsync();

        await RawClient.ExchangeAsync(server, Encoding.Latin1.GetBytes(garbage), thenHalfClose: true);

        await Eventually.TrueAsync(() => server.Policy.Failures.Count == 1);
        Assert.Contains(server.Policy.Failures.First().Failure, new[] { HandshakeFailure.Client, HandshakeFailure.Closed });
        await AssertServesAsync(server);
    }

    [Fact]
    public async Task Handshake_ThatStalls_EndsAtItsDeadline()
    {
        await using var server = await StartOneLoopAsync(o => o with { HandshakeTimeout = TimeSpan.FromMilliseconds(300) });
        var hello = await ClientHelloBytes.OfAsync("1.3");
        using var silent = await RawClient.ConnectAsync(server);
        using var half = await RawClient.ConnectAsync(server);
        using var waiting = await RawClient.ConnectAsync(server);
        await half.SendAsync(hello.AsMemory(0, 50));
        await waiting.SendAsync(hello);

        Assert.Empty(await RawClient.ReadToEndAsync(silent));
        Assert.Empty(await RawClient.ReadToEndAsync(half));
        Assert.NotEmpty(await RawClient.ReadToEndAsync(waiting)); // the server's flight

        Assert.Equal(Enumerable.Repeat(HandshakeFailure.Timeout, 3), server.Policy.Failures.Select(f => f.Failure));
        await AssertServesAsync(server);
    }

    [Fact]
    public async Task Connection_WithoutARequest_EndsAtItsDeadlineWithCloseNotify()
    {
        await using var server = await StartOneLoopAsync(o => o with { IdleTimeout = TimeSpan.FromMilliseconds(300) });
        await using var stream = await ConnectAsync(server.Address);

        Assert.Empty(await ReadToEndAsync(stream)); // an end without close_notify would throw
    }

    [Theory]
    [InlineData("1.2", RelayDirection.ToTarget)]
    [InlineData("1.2", RelayDirection.ToClient)]
    [InlineData("1.3", RelayDirection.ToTarget)]
    [InlineData("1.3", RelayDirection.ToClient)]
    public async Task Connection_CutAtAnyByteOfTheHandshake_IsReportedOnceOrComplete(string version, RelayDirection direction)
    {
        await using var server = await StartAsync(o => o with { Tls13 = Tls13ResumptionMode.Stateful });
        await using var relay = TcpRelay.Start(server.Port);
        await Connect();
        var total = direction is RelayDirection.ToTarget ? relay.BytesToTarget : relay.BytesToClient;
        var handshakes = 1;

        for (var at = 0; at < total; at += 1 + (int)total / 40)
        {
            relay.CutAfter(direction, at);
            await Connect();
            handshakes++;
        }

        await Eventually.TrueAsync(() => server.Policy.Handshakes.Count + server.Policy.Failures.Count == handshakes);
        Assert.All(server.Policy.Failures, f => Assert.True(f.Failure is HandshakeFailure.Closed or HandshakeFailure.Client, $"{f}"));
        await AssertServesAsync(server);

        async Task Connect()
        {
            try
            {
                await using var stream = await ConnectAsync(relay.Address, new()
                {
                    TargetHost = "localhost",
                    EnabledSslProtocols = version == "1.2" ? System.Security.Authentication.SslProtocols.Tls12 : System.Security.Authentication.SslProtocols.Tls13,
                });
                await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get("/", "localhost")));
                await ReadToEndAsync(stream);
            }
            catch (Exception cut) when (cut is IOException or System.Security.Authentication.AuthenticationException or SocketException)
            {
                // as meant
            }
        }
    }

    [Fact]
    public async Task Connects_InAFlood_AllEndAndTheServerServes()
    {
        await using var server = await StartAsync();
        const int Rounds = 10, Each = 200;
        for (var round = 0; round < Rounds; round++)
        {
            var sockets = await Task.WhenAll(Enumerable.Range(0, Each).Select(_ => RawClient.ConnectAsync(server)));
            foreach (var (i, socket) in sockets.Index())
            {
                if (i % 2 == 0)
                    socket.LingerState = new(true, 0);
                if (i % 3 == 0)
                    await socket.SendAsync(new byte[] { 22, 3, 1 });
                socket.Dispose();
            }
        }

        await Eventually.TrueAsync(() => server.Policy.Failures.Count == Rounds * Each);
        await AssertServesAsync(server);
    }

    /// <summary>
    /// OpenSSL handles KeyUpdates within one SSL_read for as long as they come. A client that never stops, and one that wants
    /// answers and reads none, must not have the loop to themselves, nor its memory.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task KeyUpdates_WithoutEnd_DoNotStarveOthers(bool wantsAnswers)
    {
        await using var server = await StartOneLoopAsync();
        using var hostile = await FloodingClient.StartAsync(server, wantsAnswers);
        await Eventually.TrueAsync(() => hostile.Sent > 10_000 || hostile.Ended);

        for (var i = 0; i < 3; i++)
            await AssertServesAsync(server);
    }

    private static async Task AssertServesAsync(TlsServer server) =>
        Assert.Contains("200 OK", (await Client(server).RunAsync()).Response);
}
