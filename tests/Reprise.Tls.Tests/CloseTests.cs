using System.Net.Sockets;
using System.Text;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>Ends of connections, by either side.</summary>
public sealed class CloseTests : TlsTest
{
    [Fact]
    public async Task Server_AfterItsLastResponse_SendsCloseNotify()
    {
        await using var server = await StartAsync();
        await using var stream = await ConnectAsync(server.Address);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get("/", "localhost")));

        Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(await ReadToEndAsync(stream))); // without one, this throws
    }

    [Fact]
    public async Task Client_ThatSaysCloseNotifyAfterItsRequest_GetsTheResponse()
    {
        await using var server = await StartAsync();
        await using var stream = await ConnectAsync(server.Address);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get("/slow", "localhost")));
        await stream.ShutdownAsync(); // close_notify, and the other way stays open

        Assert.EndsWith("slow", Encoding.ASCII.GetString(await ReadToEndAsync(stream)).TrimEnd('\r', '\n', '0'));
    }

    [Fact]
    public async Task Client_ThatClosesBeforeARequest_IsAnsweredWithCloseNotify()
    {
        await using var server = await StartAsync();
        await using var stream = await ConnectAsync(server.Address);
        await stream.ShutdownAsync();

        Assert.Empty(await ReadToEndAsync(stream));
    }

    /// <summary>Closing a socket with unread input resets it, and a reset takes away what the client has not read.</summary>
    [Fact]
    public async Task Client_ThatSendsMoreThanIsRead_GetsTheWholeResponse()
    {
        await using var server = await StartAsync();
        for (var i = 0; i < 10; i++)
        {
            await using var stream = await ConnectAsync(server.Address);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get("/bytes/300000", "localhost")));
            var sending = SendJunkAsync(stream);

            var response = await ReadToEndAsync(stream);

            Assert.True(response.Length > 300_000, $"{response.Length} bytes");
            await sending;
        }

        static async Task SendJunkAsync(Stream stream)
        {
            try
            {
                for (var i = 0; i < 200; i++)
                    await stream.WriteAsync(new byte[16384]);
            }
            catch (IOException)
            {
                // the server has had enough
            }
        }
    }

    [Fact]
    public async Task Client_ThatResetsWithinARequest_EndsTheRequest()
    {
        await using var server = await StartAsync();
        await using var relay = TcpRelay.Start(server.Port);
        await using var stream = await ConnectAsync(relay.Address);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get("/bytes/1000000000", "localhost")));
        await Eventually.TrueAsync(() => server.Sending == 1);

        relay.CutAll();

        await Eventually.TrueAsync(() => server.Sending == 0);
    }

    [Fact]
    public async Task Client_ThatFinsWithoutCloseNotify_EndsTheRequest()
    {
        await using var server = await StartAsync();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", server.Port);
        await using (var stream = new System.Net.Security.SslStream(new NetworkStream(socket, ownsSocket: true)))
        {
            await stream.AuthenticateAsClientAsync(new System.Net.Security.SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = Trust() });
            await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get("/bytes/1000000000", "localhost")));
            await Eventually.TrueAsync(() => server.Sending == 1);
            socket.Shutdown(SocketShutdown.Send);

            await Eventually.TrueAsync(() => server.Sending == 0);
        }
    }

    [Fact]
    public async Task Descriptors_AfterAllConnections_AreBackWhereTheyWere()
    {
        await using var server = await StartAsync();
        await RequestAsync(server);
        await Eventually.TrueAsync(() => server.Connections == 0);
        for (var i = 0; i < 100; i++)
            await RequestAsync(server);
        for (var i = 0; i < 100; i++)
            await RawClient.ExchangeAsync(server, new byte[] { 1, 2, 3 }, thenHalfClose: true);

        await Eventually.TrueAsync(() => server.Connections == 0);

        static async Task RequestAsync(TlsServer server)
        {
            await using var stream = await ConnectAsync(server.Address);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get("/", "localhost")));
            await ReadToEndAsync(stream);
        }
    }
}
