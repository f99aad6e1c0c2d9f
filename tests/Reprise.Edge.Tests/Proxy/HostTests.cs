using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Proxy;

/// <summary>
/// A connection's profile and a request's host must agree (DESIGN §7.4): else 421, and the upstream sees nothing. Requests are
/// written by hand: clients of good behaviour send the SNI that is their Host.
/// </summary>
[Collection(TwoEdges.Collection)]
public sealed class HostTests(TwoEdges edges)
{
    [Theory]
    [InlineData(EdgeSettings.Stateful, EdgeSettings.Stateful, 200)]
    [InlineData(EdgeSettings.Stateful, "STATEFUL.reprise.test", 200)]
    [InlineData(EdgeSettings.Stateful, "stateful.reprise.test.", 200)]
    [InlineData(EdgeSettings.Stateful, "stateful.reprise.test:8443", 200)]
    [InlineData(EdgeSettings.Stateful, EdgeSettings.Stateless, 421)]
    [InlineData(EdgeSettings.Stateful, "other.reprise.test", 421)]
    [InlineData(EdgeSettings.Stateful, "127.0.0.1", 421)]
    [InlineData(EdgeSettings.Stateful, "[::1]:8443", 421)]
    [InlineData("other.reprise.test", "another.reprise.test", 200)] // both the default profile's
    [InlineData("other.reprise.test", EdgeSettings.Stateful, 421)]
    [InlineData(null, EdgeSettings.Stateful, 421)]
    [InlineData(null, "127.0.0.1", 200)]
    public async Task Request_ForAHost_IsAnsweredUnderItsProfileOnly(string? sni, string host, int expected)
    {
        var client = await new OpenSsl(edges.One.Tls) { Version = "1.3", ServerName = sni, Request = OpenSsl.Get("/path", host) }.RunAsync();

        Assert.StartsWith($"HTTP/1.1 {expected} ", client.Response, StringComparison.Ordinal);
        Assert.Equal(expected == 200, client.Response!.Contains("\"path\":\"/path\"", StringComparison.Ordinal));
    }

    // The request line has a host too (RFC 9112 section 3.2.2), and it must not win against the connection's.
    [Fact]
    public async Task Request_InAbsoluteFormForAnotherHost_ReachesNoUpstream()
    {
        var client = await new OpenSsl(edges.One.Tls)
        {
            Version = "1.3",
            ServerName = EdgeSettings.Stateful,
            Request = $"GET https://{EdgeSettings.Stateless}/path HTTP/1.1\r\nHost: {EdgeSettings.Stateful}\r\nConnection: close\r\n\r\n",
        }.RunAsync();

        Assert.StartsWith("HTTP/1.1 4", client.Response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET https://{0}/path HTTP/1.1\r\nHost: {0}\r\n", EdgeSettings.Stateful, 200)]
    [InlineData("GET https://{0}/path HTTP/1.1\r\nHost: {0}\r\n", EdgeSettings.Stateless, 421)] // both agree, and not with the connection
    [InlineData("GET https://{0}/path HTTP/1.1\r\nHost: other.reprise.test\r\n", EdgeSettings.Stateful, 400)]
    [InlineData("GET https://other.reprise.test/path HTTP/1.1\r\nHost: {0}\r\n", EdgeSettings.Stateful, 400)]
    [InlineData("GET /path HTTP/1.1\r\n", EdgeSettings.Stateful, 400)] // RFC 9112 section 3.2: no Host, two, or none that can be one
    [InlineData("GET /path HTTP/1.1\r\nHost: {0}\r\nHost: {0}\r\n", EdgeSettings.Stateful, 400)]
    [InlineData("GET /path HTTP/1.1\r\nHost: {0}/x\r\n", EdgeSettings.Stateful, 400)]
    [InlineData("GET /path HTTP/1.1\r\nHost:\r\n", EdgeSettings.Stateful, 421)]
    [InlineData("GET /path HTTP/1.0\r\nHost: {0}\r\n", EdgeSettings.Stateful, 200)]
    [InlineData("GET /path HTTP/1.0\r\n", EdgeSettings.Stateful, 421)]
    public async Task Request_ByItsTargetAndHost_ReachesTheUpstreamIfBothAreTheConnections(string head, string host, int expected)
    {
        var client = await new OpenSsl(edges.One.Tls)
        {
            Version = "1.3",
            ServerName = EdgeSettings.Stateful,
            Request = string.Format(CultureInfo.InvariantCulture, head, host) + "Connection: close\r\n\r\n",
        }.RunAsync();

        Assert.StartsWith($"HTTP/1.1 {expected} ", client.Response, StringComparison.Ordinal);
        Assert.Equal(expected == 200, client.Response!.Contains("\"path\":\"/path\"", StringComparison.Ordinal));
    }

    // Nobody is named, not by the SNI nor by a Host: that is what the profile without hosts is for.
    [Fact]
    public async Task Request_ByHttp10WithoutHostOrServerName_IsTheDefaultProfiles()
    {
        var client = await new OpenSsl(edges.One.Tls) { Version = "1.3", Request = "GET /path HTTP/1.0\r\n\r\n" }.RunAsync();

        Assert.StartsWith("HTTP/1.1 200 ", client.Response, StringComparison.Ordinal);
    }

    // The profile's name goes with the request on its way through the edge: a client's own must not choose the upstream.
    [Fact]
    public async Task Request_ThatNamesAProfileItself_StaysInItsOwn()
    {
        var client = await new OpenSsl(edges.One.Tls)
        {
            Version = "1.3",
            ServerName = EdgeSettings.Stateful,
            Request = $"GET / HTTP/1.1\r\nHost: {EdgeSettings.Stateful}\r\nX-Reprise-Profile: stateless\r\nConnection: close\r\n\r\n",
        }.RunAsync();

        Assert.StartsWith("HTTP/1.1 200 ", client.Response, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Reprise-Profile", client.Response, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(EdgeSettings.Stateful, "200")]
    [InlineData(EdgeSettings.Stateless, "421")]
    public async Task Request_ByHttp2ForAnAuthority_IsAnsweredUnderItsProfileOnly(string authority, string expected)
    {
        using var limit = new CancellationTokenSource(Eventually.DefaultTimeout);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(edges.One.EndPoint, limit.Token);
        await using var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = EdgeSettings.Stateful,
                CertificateChainPolicy = edges.One.Trust(),
                ApplicationProtocols = [SslApplicationProtocol.Http2],
            },
            limit.Token);
        Assert.Equal(SslApplicationProtocol.Http2, tls.NegotiatedApplicationProtocol);

        // RFC 7541: 0x82 GET, 0x87 https, then two literals without index: names 4 (:path) and 1 (:authority).
        byte[] block = [0x82, 0x87, 0x04, 1, (byte)'/', 0x01, (byte)authority.Length, .. Encoding.ASCII.GetBytes(authority)];
        byte[] settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        byte[] headers = [0, 0, (byte)block.Length, 1, 0x05, 0, 0, 0, 1, .. block]; // END_STREAM, END_HEADERS
        await tls.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. settings, .. headers], limit.Token);

        Assert.Equal(expected, await ReadStatusAsync(tls, limit.Token));
    }

    private static async Task<string> ReadStatusAsync(SslStream stream, CancellationToken cancellationToken)
    {
        var head = new byte[9];
        while (true)
        {
            await stream.ReadExactlyAsync(head, cancellationToken);
            var payload = new byte[head[0] << 16 | head[1] << 8 | head[2]];
            await stream.ReadExactlyAsync(payload, cancellationToken);
            if (head[3] == 1) // HEADERS: the status comes first, 0x88 is 200
                return payload[0] == 0x88 ? "200" : Encoding.ASCII.GetString(payload, 2, 3);
        }
    }
}
