using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Samples;

/// <summary>Each sample as a newcomer runs it, and what its README promises. (That each is right by the schema is in <see cref="Checks.SchemaTests"/>.)</summary>
public sealed class SampleTests
{
    [Fact]
    public async Task SingleSite_Session_ResumesOnTheOtherEdge_BothWays()
    {
        await using var sample = await RunningSample.StartAsync("single-site");
        foreach (var (version, mode, arguments) in new (string, string, string[])[] { ("1.3", "stateless", []), ("1.2", "stateless", []), ("1.2", "stateful", ["-no_ticket"]) })
        {
            var first = await sample.VisitAsync(1, 8443, "shop.example", version, keep: "s.pem", arguments: arguments);
            var second = await sample.VisitAsync(2, 8443, "shop.example", version, offer: "s.pem", arguments: arguments);

            Assert.True((first.Kind, first.Text("node")) == (HandshakeKind.Full, "edge-1"), $"{first}");
            Assert.True((second.Kind, second.Mode, second.Issuer, second.Text("node")) == (HandshakeKind.Resumed, mode, "edge-1", "edge-2"), $"{second}");
        }

        var page = await sample.VisitAsync(2, 8443, "www.shop.example", path: "/basket");
        Assert.Contains("\"path\":\"/basket\"", page.Client.Response, StringComparison.Ordinal);
        Assert.Equal(HandshakeKind.None, (await sample.VisitAsync(1, 8443, "other.example")).Kind);

        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{sample.Address(2, 8080)}/basket") { Headers = { Host = "shop.example" } };
        using var redirect = await browser.SendAsync(request);
        Assert.Equal((HttpStatusCode.PermanentRedirect, $"https://shop.example:{sample.Address(1, 8443).Split(':')[1]}/basket"), (redirect.StatusCode, $"{redirect.Headers.Location}"));
        Assert.Empty(sample.Complaints());
    }

    [Fact]
    public async Task TwoTenants_HaveNothingInCommon_AndTheBankKnowsItsClients()
    {
        await using var sample = await RunningSample.StartAsync("two-tenants");
        string[] As(string client) => ["-cert", sample.File($"sites/{client}.crt"), "-key", sample.File($"sites/{client}.key")];

        var alice = await sample.VisitAsync(1, 8443, "bank.example", keep: "bank.pem", arguments: As("alice"));
        var again = await sample.VisitAsync(2, 8443, "bank.example", offer: "bank.pem", path: "/", arguments: As("alice"));
        Assert.Equal((HandshakeKind.Full, "bank"), (alice.Kind, alice.Profile));
        Assert.Equal(HandshakeKind.Resumed, again.Kind);
        Assert.Contains("\"Client-Cert\":\":", again.Client.Response, StringComparison.Ordinal);

        Assert.Contains("alert certificate required", (await Refused("bank.example")).Client.Output, StringComparison.Ordinal);
        Assert.Contains("alert certificate revoked", (await Refused("bank.example", As("mallory"))).Client.Output, StringComparison.Ordinal);

        var shop = await sample.VisitAsync(1, 8443, "shop.example", keep: "shop.pem");
        var shopAgain = await sample.VisitAsync(2, 8443, "shop.example", offer: "shop.pem");
        Assert.Equal((HandshakeKind.Full, HandshakeKind.Resumed, "shop"), (shop.Kind, shopAgain.Kind, shopAgain.Profile));
        Assert.NotEqual(shop.Client.PeerCertificate, alice.Client.PeerCertificate);

        // Each with the other's session, and with the other's name in the request.
        var crossed = await sample.VisitAsync(2, 8443, "bank.example", offer: "shop.pem", arguments: As("alice"));
        Assert.Equal((HandshakeKind.Full, "bank"), (crossed.Kind, crossed.Profile));
        var crossedBack = await sample.VisitAsync(2, 8443, "shop.example", offer: "bank.pem");
        Assert.Equal((HandshakeKind.Full, "shop"), (crossedBack.Kind, crossedBack.Profile));
        var misdirected = await new OpenSsl(sample.Address(1, 8443)) { ServerName = "shop.example", Request = OpenSsl.Get("/", "bank.example") }.RunAsync();
        Assert.StartsWith("HTTP/1.1 421 ", misdirected.Response, StringComparison.Ordinal);
        Assert.Empty(sample.Complaints());

        async Task<Visit> Refused(string host, params string[] arguments)
        {
            var visit = await sample.VisitAsync(2, 8443, host, path: "/", arguments: arguments);
            Assert.Null(visit.Client.Response);
            return visit;
        }
    }

    [Fact]
    public async Task Tcp_ServersOfThreeKinds_AreReachedThroughBothEdges()
    {
        await using var sample = await RunningSample.StartAsync("tcp", "python3");

        // The server speaks first.
        await using (var mail = await ConnectAsync(sample, 2, 8465, "mail.example"))
        {
            Assert.Equal("220 mail.example ESMTP", await ReadLineAsync(mail));
            Assert.Equal("EHLO me", await AskAsync(mail, "EHLO me"));
        }

        await using (var database = await ConnectAsync(sample, 1, 8432, "db.example", "postgresql"))
        {
            Assert.Equal("postgresql", $"{database.NegotiatedApplicationProtocol}");
            Assert.Equal("SELECT 1", await AskAsync(database, "SELECT 1"));
        }

        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(sample, 1, 8432, "db.example", "http/1.1"));
        await using (var cache = await ConnectAsync(sample, 1, 8379, "cache.example"))
            Assert.Equal("+PONG", await AskAsync(cache, "PING"));

        // By port alone: no name is sent.
        foreach (var (port, other) in new[] { (8465, 8432), (8432, 8379), (8379, 8465) })
        {
            var first = await sample.VisitAsync(1, port, null, path: null, keep: "s.pem");
            Assert.Equal(HandshakeKind.Full, first.Kind);
            Assert.Equal(HandshakeKind.Full, (await sample.VisitAsync(2, other, null, path: null, offer: "s.pem")).Kind);
            Assert.Equal(HandshakeKind.Resumed, (await sample.VisitAsync(2, port, null, path: null, offer: "s.pem")).Kind);
        }

        Assert.Empty(sample.Complaints());
    }

    [Fact]
    public async Task BehindLoadBalancer_SessionsFollowTheClient_AndItsAddressIsKnown()
    {
        await using var sample = await RunningSample.StartAsync("behind-load-balancer", "haproxy");

        var page = await sample.VisitAsync(1, 8443, "shop.example", path: "/", arguments: ["-bind", "127.0.0.5:0"]);
        Assert.Contains("\"X-Forwarded-For\":\"127.0.0.5\"", page.Client.Response, StringComparison.Ordinal);

        // HAProxy deals them out in turn.
        var first = await sample.VisitAsync(1, 8443, "shop.example", keep: "s.pem");
        var second = await sample.VisitAsync(1, 8443, "shop.example", offer: "s.pem");
        Assert.Equal((HandshakeKind.Full, HandshakeKind.Resumed), (first.Kind, second.Kind));
        Assert.Equal(first.Text("node"), second.Issuer);
        Assert.NotEqual(first.Text("node"), second.Text("node"));
        Assert.Empty(sample.Complaints());

        Assert.Equal(HandshakeKind.None, (await sample.VisitAsync(2, 8444, "shop.example")).Kind); // past the balancer
    }

    private static async Task<SslStream> ConnectAsync(RunningSample sample, int node, int port, string host, string? alpn = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPEndPoint.Parse(sample.Address(node, port)));
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = host,
                AllowTlsResume = false,
                ApplicationProtocols = alpn is null ? null : [new SslApplicationProtocol(alpn)],
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(sample.File("sites/ca.crt")) },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            }).WaitAsync(TimeSpan.FromSeconds(60));
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static async Task<string> AskAsync(SslStream stream, string line)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
        return await ReadLineAsync(stream);
    }

    private static async Task<string> ReadLineAsync(SslStream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (one[0] != '\n')
        {
            await stream.ReadExactlyAsync(one).AsTask().WaitAsync(Eventually.DefaultTimeout);
            line.Append((char)one[0]);
        }

        return line.ToString().TrimEnd();
    }
}
