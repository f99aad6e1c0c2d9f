using System.Security.Authentication;
using Reprise.Testing;
using Reprise.Tls.Interop;

namespace Reprise.Tls.Tests;

/// <summary>What a ClientHello decides beside resumption: profile, version, group, ALPN.</summary>
public sealed class ProfileTests : TlsTest
{
    [Fact]
    public async Task Name_OfAnotherProfile_GetsItsCertificateGroupsAndVersions()
    {
        var first = Options(o => o with { Name = "a.test" });
        var second = Options(o => o with { Name = "b.test", Groups = "P-384", Tls13Enabled = false, Alpn = ["x"] });
        await using var server = await TlsServer.StartAsync(Shared, null, first, second);
        var offer = new[] { "-groups", "X25519:P-384:P-256", "-alpn", "http/1.1,x" };

        var one = await (Client(server) with { ServerName = "A.Test", Arguments = offer }).RunAsync();
        var a = server.Last;
        var other = await (Client(server) with { ServerName = "b.test", Arguments = offer }).RunAsync();
        var b = server.Last;

        Assert.Equal(("a.test", SslProtocols.Tls13, "x25519"), (a.Profile.Options.Name, a.Protocol, a.Group));
        Assert.Equal(("b.test", SslProtocols.Tls12, "secp384r1"), (b.Profile.Options.Name, b.Protocol, b.Group));
        Assert.Equal(("http/1.1", "x"), (one.Alpn, other.Alpn));
        Assert.NotEqual(one.PeerCertificate, other.PeerCertificate);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Name_Unknown_EndsWithUnrecognizedName(string version)
    {
        await using var server = await StartAsync();

        var answer = await RawClient.ExchangeAsync(server, await ClientHelloBytes.OfAsync(version, serverName: "unknown.test"));

        Assert.Equal([21, 3, 3, 0, 2, 2, 112], answer);
        Assert.Equal(HandshakeFailure.UnknownName, Assert.Single(server.Policy.Failures).Failure);
    }

    [Fact]
    public async Task Tls11_IsRefused()
    {
        await using var server = await StartAsync();
        var hello = await ClientHelloBytes.OfAsync("1.2");
        hello[10] = 2; // client_version 3.2

        var answer = await RawClient.ExchangeAsync(server, hello);

        Assert.Equal((21, 2, 70), (answer[0], answer[5], answer[6])); // protocol_version
        Assert.Equal(HandshakeFailure.Client, Assert.Single(server.Policy.Failures).Failure);
    }

    [Theory]
    [InlineData("h2,http/1.1", "h2")]
    [InlineData("http/1.1,h2", "h2")]
    [InlineData("http/1.1", "http/1.1")]
    [InlineData("x,http/1.1", "http/1.1")]
    public async Task Alpn_OfSeveral_TheServersPreferenceCounts(string offered, string chosen)
    {
        await using var server = await StartAsync();

        foreach (var version in new[] { "1.2", "1.3" })
        {
            var result = await new OpenSsl(server.Address) { Version = version, Alpn = offered }.RunAsync();
            Assert.Equal(chosen, result.Alpn);
        }
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Alpn_WithoutACommonProtocol_EndsWithNoApplicationProtocol(string version)
    {
        await using var server = await StartAsync();

        var result = await new OpenSsl(server.Address) { Version = version, Alpn = "x,y" }.RunAsync();

        Assert.Equal(HandshakeKind.None, result.Kind);
        Assert.Contains("alert no application protocol", result.Output);
        Assert.Equal(HandshakeFailure.Client, Assert.Single(server.Policy.Failures).Failure);
    }

    [Fact]
    public async Task Profile_DisposedWhileAConnectionLives_ServesItToItsEnd()
    {
        await using var server = await StartAsync();
        await using var stream = await ConnectAsync(server.Address);
        server.Policy.Dispose();

        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(OpenSsl.Get("/", "localhost")));
        Assert.StartsWith("HTTP/1.1 200", await new StreamReader(stream).ReadToEndAsync());

        // The policy now names a profile that is gone: a fault, and no use of freed memory.
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(server.Address));
        Assert.Equal(HandshakeFailure.Internal, Assert.Single(server.Policy.Failures).Failure);
    }

    [Fact]
    public async Task Profile_DisposedBetweenAcceptAndHello_IsAFaultOfOneHandshake()
    {
        using var other = new TlsProfile(Options(o => o with { Name = "gone.test" }));
        other.Dispose();
        var policy = new OneProfilePolicy(Options(), other);
        await using var server = await TlsServer.StartAsync(policy);

        var refused = await new OpenSsl(server.Address) { ServerName = "gone.test" }.RunAsync();
        var served = await Client(server).RunAsync();

        Assert.Equal((HandshakeKind.None, HandshakeKind.Full), (refused.Kind, served.Kind));
        Assert.Contains("alert internal error", refused.Output);
    }

    [Theory]
    [InlineData("Chain")]
    [InlineData("Pair")]
    [InlineData("Groups")]
    [InlineData("Ciphers")]
    public void Profile_OfBadParts_IsRefusedInOneLineThatNamesThePart(string part)
    {
        var good = Options();
        var site = good.Certificates[0];
        var bad = part switch
        {
            "Chain" => good with { Certificates = [site with { ChainPem = "no pem"u8.ToArray() }] },
            "Pair" => good with { Certificates = [site with { Key = Options().Certificates[0].Key }] },
            "Groups" => good with { Groups = "P-9999" },
            _ => good with { CipherList = "NONSENSE" },
        };

        var fault = Assert.Throws<OpenSslException>(() => new TlsProfile(bad));

        Assert.DoesNotContain('\n', fault.Message);
        Assert.Contains(part switch { "Groups" => "P-9999", "Ciphers" => "NONSENSE", _ => "site" }, fault.Message);
    }

    [Fact]
    public async Task Renegotiation_ByTheClient_IsRefused()
    {
        await using var server = await StartAsync();

        using var client = await InteractiveClient.StartAsync(server, "-tls1_2");
        await client.SendAsync("R\n");
        await client.SeesAsync("no renegotiation");

        Assert.Contains("RENEGOTIATING", client.Output);
        Assert.Single(server.Policy.Handshakes);
    }

    private sealed class OneProfilePolicy(TlsProfileOptions options, TlsProfile other) : HandshakePolicy, IDisposable
    {
        private readonly TlsProfile _profile = new(options);

        public override TlsProfile Initial => _profile;

        public override TlsProfile Select(string? serverName, TlsEndPoint endPoint) => serverName == other.Options.Name ? other : _profile;

        public override NewTicket Describe(Handshake handshake, bool stateful) => new(TimeSpan.FromHours(1), null);

        public override bool Accept(Handshake handshake, ReadOnlySpan<byte> state) => true;

        public override ValueTask<FoundSession> FindAsync(Handshake handshake, ReadOnlyMemory<byte> id, bool singleUse) =>
            ValueTask.FromResult(FoundSession.Declined(DeclineReason.StoreMiss));

        public override ValueTask<bool> StoreAsync(Handshake handshake, NewSession session) => ValueTask.FromResult(false);

        public void Dispose() => _profile.Dispose();
    }
}
