using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>Connections of a profile that is a tunnel: what an application has that is no HTTP server.</summary>
public sealed class TunnelTests : TlsTest
{
    private const int Much = 3_000_000;

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Server_ThatSpeaksFirst_IsHeardBeforeTheClientHasSaidAnything(SslProtocols version)
    {
        await using var server = await StartAsync(async connection =>
        {
            await connection.Transport.Output.WriteAsync("220 ready\r\n"u8.ToArray());
            await ReadToEndAsync(connection.Transport.Input);
        });
        await using var client = await ConnectAsync(server.Address, new() { TargetHost = "localhost", EnabledSslProtocols = version });

        var greeting = new byte[11];
        await client.ReadExactlyAsync(greeting).AsTask().WaitAsync(Eventually.DefaultTimeout);

        Assert.Equal("220 ready\r\n"u8, greeting);
    }

    [Fact]
    public async Task Client_ThatSaysGoodbye_StillGetsWhatTheServerHasToSay()
    {
        var end = new TaskCompletionSource<(long Received, bool Goodbye)>();
        await using var server = await StartAsync(async connection =>
        {
            var received = await ReadToEndAsync(connection.Transport.Input);
            end.SetResult((received, connection.Features.Get<ITlsCloseFeature>()!.PeerSaidGoodbye));
            await connection.Transport.Output.WriteAsync(new byte[Much]);
        });
        await using var client = await ConnectAsync(server.Address);

        await client.WriteAsync(new byte[Much]);
        await client.ShutdownAsync();

        Assert.Equal(Much, (await ReadToEndAsync(client).WaitAsync(Eventually.DefaultTimeout)).Length);
        Assert.Equal((Much, true), await end.Task);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Server_ThatSaysGoodbye_StillGetsWhatTheClientHasToSay(SslProtocols version)
    {
        var received = new TaskCompletionSource<long>();
        await using var server = await StartAsync(async connection =>
        {
            await connection.Transport.Output.WriteAsync("bye"u8.ToArray());
            await connection.Transport.Output.CompleteAsync();
            received.SetResult(await ReadToEndAsync(connection.Transport.Input));
        });
        await using var client = await ConnectAsync(server.Address, new() { TargetHost = "localhost", EnabledSslProtocols = version });

        Assert.Equal("bye", Encoding.ASCII.GetString(await ReadToEndAsync(client).WaitAsync(Eventually.DefaultTimeout)));
        await client.WriteAsync(new byte[Much]);
        await client.ShutdownAsync();
        await client.DisposeAsync();

        Assert.Equal(Much, await received.Task.WaitAsync(Eventually.DefaultTimeout));
        await Eventually.TrueAsync(() => server.Connections == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Client_ThatEndsWithoutGoodbye_IsToldFromOneThatSaysIt(bool reset)
    {
        var end = new TaskCompletionSource<bool>();
        await using var server = await StartAsync(async connection =>
        {
            await connection.Transport.Output.WriteAsync(new byte[1]);
            await ReadToEndAsync(connection.Transport.Input);
            end.SetResult(connection.Features.Get<ITlsCloseFeature>()!.PeerSaidGoodbye);
        });
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", server.Port);
        await using var client = new SslStream(new NetworkStream(socket, ownsSocket: false));
        await client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = Trust() });
        await client.ReadExactlyAsync(new byte[1]);
        await client.WriteAsync("half a sen"u8.ToArray());

        if (reset)
            socket.Close(0);
        else
            socket.Shutdown(SocketShutdown.Send);

        Assert.False(await end.Task.WaitAsync(Eventually.DefaultTimeout));
    }

    // It reads no more and has said so: the client's end is not waited for.
    [Fact]
    public async Task Application_ThatLeaves_EndsTheConnection()
    {
        await using var server = await StartAsync(connection => connection.Transport.Output.WriteAsync("bye"u8.ToArray()).AsTask());
        await using var client = await ConnectAsync(server.Address);

        Assert.Equal("bye", Encoding.ASCII.GetString(await ReadToEndAsync(client).WaitAsync(Eventually.DefaultTimeout)));
        await Eventually.TrueAsync(() => IsHalfClosed(server));
    }

    [Fact]
    public async Task Certificate_ThatWasSent_IsNamedInFullHandshakesOnly()
    {
        await using var server = await StartAsync(connection => Task.CompletedTask);
        var session = Files.File("session.pem");
        var full = await new OpenSsl(server.Address) { Version = "1.2", SessionOut = session }.RunAsync();
        var first = server.Last;
        var resumed = await new OpenSsl(server.Address) { Version = "1.2", SessionIn = session }.RunAsync();

        Assert.Equal((HandshakeKind.Full, HandshakeKind.Resumed), (full.Kind, resumed.Kind));
        Assert.Equal(("ecdsa-with-SHA256", "EC256"), (first.CertificateSignature, first.CertificateKey));
        Assert.Equal((null, null), (server.Last.CertificateSignature, server.Last.CertificateKey));
    }

    private Task<TlsServer> StartAsync(Func<ConnectionContext, Task> application)
    {
        var options = Options(o => o with { Tunnel = true, Alpn = [] });
        return TlsServer.StartAsync(
            new TestPolicy(Shared, new TlsProfile(options) { Resumption = new(true, true, Tls13ResumptionMode.Stateless, Shared.Keys) }),
            listen: listen => listen.Run(connection => application(connection)));
    }

    // FIN_WAIT1 or 2: the server has ended its side for good.
    private static bool IsHalfClosed(TlsServer server) => File.ReadLines("/proc/net/tcp").Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(fields => fields[1].EndsWith($":{server.Port:X4}", StringComparison.Ordinal) && (fields[3] is "04" or "05"));

    private static async Task<long> ReadToEndAsync(PipeReader input)
    {
        long received = 0;
        while (true)
        {
            var result = await input.ReadAsync();
            received += result.Buffer.Length;
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return received;
        }
    }
}
