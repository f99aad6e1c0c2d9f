using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Tunnels;

/// <summary>What a TCP server is told of a client: read by HAProxy, and byte for byte.</summary>
public sealed class SentProxyProtocolTests(EdgeWorld world)
{
    private const string Host = "tunnel.reprise.test";

    // HAProxy refuses a header with a wrong length, family or checksum.
    [Theory]
    [InlineData("V1", "-")]
    [InlineData("V2", Host)]
    public async Task Header_ReadByHaProxy_NamesTheClient(string version, string authority)
    {
        using var files = new TemporaryDirectory();
        var port = FreePort.Next();
        await File.WriteAllTextAsync(files.File("haproxy.cfg"), $$"""
            defaults
              mode http
              timeout connect 10s
              timeout client 60s
              timeout server 60s
            frontend told
              bind 127.0.0.1:{{port}} accept-proxy
              http-request return status 200 content-type text/plain lf-string "%[src]:%[src_port] %[dst]:%[dst_port] %[fc_pp_authority]"

            """);
        using var haproxy = Process.Start(new ProcessStartInfo("haproxy", ["-db", "-f", files.File("haproxy.cfg")]) { RedirectStandardError = true })!;
        try
        {
            await using var edge = await world.StartEdgeAsync(Settings($"127.0.0.1:{port}", version));
            await Eventually.TrueAsync(() => haproxy.HasExited || Accepts(port));
            await using var client = await TunnelClient.ConnectAsync(edge, Host);
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n");

            var answer = await client.ReceiveToEndAsync();

            Assert.EndsWith($"\r\n\r\n{client.Socket.LocalEndPoint} {edge.Tls} {(authority == "-" ? "" : authority)}", answer.TrimEnd('-'), StringComparison.Ordinal);
        }
        finally
        {
            if (!haproxy.HasExited)
                haproxy.Kill();
            await haproxy.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task HeaderV2_OfAClientWithACertificate_TellsAllThatIsKnown()
    {
        using var files = new TemporaryDirectory();
        using var clients = new ClientPki(files.Path);
        var headers = new System.Collections.Concurrent.ConcurrentQueue<Dictionary<byte, byte[]>>();
        await using var upstream = TcpUpstream.Start(async socket =>
        {
            headers.Enqueue(await ReadAsync(socket));
            await socket.SendAsync("told"u8.ToArray());
        });
        var settings = Settings(upstream.Address, "V2")
            .With("Profiles:tunnel:ClientAuth:Mode", "Optional")
            .With("Profiles:tunnel:ClientAuth:Authorities", clients.Authorities)
            .With("Profiles:tunnel:Resumption:ResumeAuthenticatedClients", true)
            .With("Profiles:tunnel:Tls:Alpn", new JsonArray("mqtt"));
        await using var edge = await world.StartEdgeAsync(settings);

        var session = files.File("session.pem");
        for (var i = 0; i < 2; i++)
        {
            var visit = await new OpenSsl(edge.Tls)
            {
                Version = "1.2",
                ServerName = Host,
                Alpn = "mqtt",
                SessionOut = i == 0 ? session : null,
                SessionIn = i == 1 ? session : null,
                Request = "hello\n",
                Arguments = ["-ign_eof", .. clients.Arguments("good")],
            }.RunAsync();
            Assert.True(visit.Kind == (i == 0 ? HandshakeKind.Full : HandshakeKind.Resumed), visit.ToString());
        }

        await using (var anonymous = await TunnelClient.ConnectAsync(edge, Host, SslProtocols.Tls13))
            Assert.Equal("told", await anonymous.ReceiveAsync(4));

        var all = headers.ToArray();
        Assert.Equal(3, all.Length);
        foreach (var header in all[..2])
        {
            Assert.Equal("mqtt", Encoding.ASCII.GetString(header[0x01]));
            Assert.Equal(Host, Encoding.ASCII.GetString(header[0x02]));
            Assert.Equal(0u, BinaryPrimitives.ReadUInt32BigEndian(header[0x20].AsSpan(1))); // verified
            Assert.Equal("TLSv1.2", Encoding.ASCII.GetString(header[0x21]));
            Assert.StartsWith("ECDHE-", Encoding.ASCII.GetString(header[0x23]), StringComparison.Ordinal);
            Assert.Equal(
                clients["good"].GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.SimpleName, false), Encoding.UTF8.GetString(header[0x22]));
        }

        Assert.Equal((0x07, 0x05), (all[0][0x20][0], all[1][0x20][0])); // shown on this connection; shown in the session's first
        Assert.Equal(("ecdsa-with-SHA256", "EC256"), (Encoding.ASCII.GetString(all[0][0x24]), Encoding.ASCII.GetString(all[0][0x25])));
        Assert.False(all[1].ContainsKey(0x24)); // none was sent
        Assert.Equal(0x01, all[2][0x20][0]);
        Assert.NotEqual(0u, BinaryPrimitives.ReadUInt32BigEndian(all[2][0x20].AsSpan(1)));
        Assert.Equal("TLSv1.3", Encoding.ASCII.GetString(all[2][0x21]));
        Assert.False(all[2].ContainsKey(0x01));
        Assert.False(all[2].ContainsKey(0x22));
    }

    // Types and subtypes by number; 0x20 with its first five bytes only.
    private static async Task<Dictionary<byte, byte[]>> ReadAsync(Socket socket)
    {
        var stream = new NetworkStream(socket, ownsSocket: false);
        var start = new byte[16];
        await stream.ReadExactlyAsync(start);
        Assert.Equal(Convert.FromHexString("0D0A0D0A000D0A515549540A2111"), start[..14]);
        var rest = new byte[BinaryPrimitives.ReadUInt16BigEndian(start.AsSpan(14))];
        await stream.ReadExactlyAsync(rest);
        Assert.Equal(IPAddress.Loopback.GetAddressBytes(), rest[..4]);
        var values = new Dictionary<byte, byte[]>();
        ReadValues(rest.AsSpan(12), values);
        return values;
    }

    private static void ReadValues(ReadOnlySpan<byte> from, Dictionary<byte, byte[]> values)
    {
        while (!from.IsEmpty)
        {
            var value = from.Slice(3, BinaryPrimitives.ReadUInt16BigEndian(from[1..]));
            if (from[0] == 0x20)
            {
                values.Add(0x20, value[..5].ToArray());
                ReadValues(value[5..], values);
            }
            else
            {
                values.Add(from[0], value.ToArray());
            }

            from = from[(3 + value.Length)..];
        }
    }

    private static bool Accepts(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private JsonObject Settings(string upstream, string version)
    {
        var profile = EdgeSettings.Profile([Host], stateful: true, stateless: true, "Stateless", "");
        profile["Upstream"] = new JsonObject { ["Tcp"] = new JsonObject { ["Addresses"] = new JsonArray(upstream), ["ProxyProtocol"] = version } };
        return world.Settings("edge-4").With("Profiles:tunnel", profile);
    }
}
