using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Reprise.Testing;

namespace Reprise.Tls.Tests.Proxy;

/// <summary>Connections that begin with a proxy's word, on listeners that take it and on others.</summary>
public sealed class ProxyListenerTests : TlsTest
{
    private const string Line = "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n";

    [Fact]
    public async Task Accept_HeaderAndTlsInOnePiece_ClientIsTheHeadersAndNoByteIsLost()
    {
        await using var server = await StartAsync(ProxyProtocolMode.Required);

        Assert.Equal("192.0.2.1:56324 198.51.100.7:443", await AskAsync(server, Encoding.ASCII.GetBytes(Line), together: true));
    }

    [Theory]
    [InlineData(ProxyProtocolMode.Required)]
    [InlineData(ProxyProtocolMode.Optional)]
    public async Task Accept_HeaderByteByByte_IsPutTogether(ProxyProtocolMode mode)
    {
        await using var server = await StartAsync(mode);
        using var socket = await RawClient.ConnectAsync(server);
        foreach (var one in Encoding.ASCII.GetBytes(Line))
        {
            await socket.SendAsync(new[] { one });
            await Task.Yield();
        }

        Assert.Equal("192.0.2.1:56324 198.51.100.7:443", await AskAsync(socket, []));
    }

    [Fact]
    public async Task Accept_BinaryHeaderOfIpv6_ClientIsTheHeaders()
    {
        await using var server = await StartAsync(ProxyProtocolMode.Optional);
        byte[] header = [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x21, 0, 36, .. IPAddress.Parse("2001:db8::1").GetAddressBytes(), .. IPAddress.Parse("2001:db8::2").GetAddressBytes(), 0, 1, 0, 2];

        Assert.Equal("[2001:db8::1]:1 [2001:db8::2]:2", await AskAsync(server, header));
    }

    [Fact]
    public async Task Accept_LocalHeader_ClientIsTheProxyItself()
    {
        await using var server = await StartAsync(ProxyProtocolMode.Required);

        Assert.StartsWith("127.0.0.1:", await AskAsync(server, [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x20, 0, 0, 0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accept_WithoutHeader_OptionalServesAndRequiredResets()
    {
        await using var optional = await StartAsync(ProxyProtocolMode.Optional);
        await using var required = await StartAsync(ProxyProtocolMode.Required);

        Assert.StartsWith("127.0.0.1:", await AskAsync(optional, []), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(required, []));
        Assert.Equal(ConnectionRefusal.ProxyHeader, Assert.Single(required.Policy.Refusals));
        Assert.Empty(required.Policy.Failures);
    }

    [Fact]
    public async Task Accept_FromAnUntrustedPeer_RequiredResetsAndOptionalTakesItForTls()
    {
        await using var required = await StartAsync(ProxyProtocolMode.Required, trusted: "192.0.2.0/24");
        await using var optional = await StartAsync(ProxyProtocolMode.Optional, trusted: "192.0.2.0/24");

        await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(required, Encoding.ASCII.GetBytes(Line)));
        Assert.Equal(ConnectionRefusal.UntrustedProxy, Assert.Single(required.Policy.Refusals));
        await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(optional, Encoding.ASCII.GetBytes(Line)));
        Assert.Equal(HandshakeFailure.Client, Assert.Single(optional.Policy.Failures).Failure);
        Assert.StartsWith("127.0.0.1:", await AskAsync(optional, []), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accept_WhereNoneIsTaken_HeaderIsNoTls()
    {
        await using var server = await StartAsync(ProxyProtocolMode.None);

        await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(server, Encoding.ASCII.GetBytes(Line)));
        Assert.Equal(HandshakeFailure.Client, Assert.Single(server.Policy.Failures).Failure);
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443")] // and its end
    public async Task Accept_MalformedOrCutHeader_IsReset(string line)
    {
        await using var server = await StartAsync(ProxyProtocolMode.Optional);

        Assert.Empty(await RawClient.ExchangeAsync(server, Encoding.ASCII.GetBytes(line), thenHalfClose: true));
        await Eventually.TrueAsync(() => server.Policy.Refusals.SequenceEqual([ConnectionRefusal.ProxyHeader]));
        await Eventually.TrueAsync(() => server.Connections == 0);
    }

    [Fact]
    public async Task Accept_HeaderThatDoesNotCome_IsResetAtTheDeadline()
    {
        await using var server = await StartAsync(ProxyProtocolMode.Required, change: options => options.ProxyHeaderTimeout = TimeSpan.FromMilliseconds(300));
        using var socket = await RawClient.ConnectAsync(server);
        await socket.SendAsync("PROXY "u8.ToArray());

        Assert.Empty(await RawClient.ReadToEndAsync(socket));
        Assert.Equal(ConnectionRefusal.ProxyHeader, Assert.Single(server.Policy.Refusals));
    }

    [Fact]
    public async Task Accept_PeerThatOnlyConnects_IsNotCounted()
    {
        await using var server = await StartAsync(ProxyProtocolMode.Required);

        Assert.Empty(await RawClient.ExchangeAsync(server, ReadOnlyMemory<byte>.Empty, thenHalfClose: true));
        Assert.Empty(server.Policy.Refusals);
    }

    private Task<TlsServer> StartAsync(ProxyProtocolMode mode, string trusted = "127.0.0.0/8", Action<TlsTransportOptions>? change = null) =>
        TlsServer.StartAsync(new TestPolicy(Shared, new TlsProfile(Options()) { Resumption = new(true, true, Tls13ResumptionMode.Stateless, Shared.Keys) }), options =>
        {
            options.TrustedProxies = [IPNetwork.Parse(trusted)];
            change?.Invoke(options);
        }, proxy: mode);

    private static async Task<string> AskAsync(TlsServer server, byte[] header, bool together = false)
    {
        using var socket = await RawClient.ConnectAsync(server);
        if (!together)
            await socket.SendAsync(header);
        return await AskAsync(socket, together ? header : []);
    }

    /// <summary>What the server takes for the two ends of the connection.</summary>
    private static async Task<string> AskAsync(Socket socket, byte[] before)
    {
        await using var stream = new SslStream(new PrefixedStream(new NetworkStream(socket, ownsSocket: false), before));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = Trust(), AllowTlsResume = false });
        await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get("/ends", "localhost")));
        return Encoding.ASCII.GetString(await ReadToEndAsync(stream)).Split("\r\n\r\n")[1].Split("\r\n")[1]; // it comes in one chunk
    }

    /// <summary>Sends some bytes in one segment with the first that are written.</summary>
    private sealed class PrefixedStream(NetworkStream inner, byte[] prefix) : Stream
    {
        private byte[] _prefix = prefix;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count)
        {
            inner.Write([.. _prefix, .. buffer.AsSpan(offset, count)]);
            _prefix = [];
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            byte[] all = [.. _prefix, .. buffer.Span];
            _prefix = [];
            await inner.WriteAsync(all, cancellationToken);
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
