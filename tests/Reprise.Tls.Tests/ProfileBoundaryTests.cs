using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>
/// A connection begins with one profile's context and goes on with that of its SNI: all settings are then the second one's, and none of
/// the first one's is left. Each pair is tried both ways round.
/// </summary>
public sealed class ProfileBoundaryTests : TlsTest
{
    private const string Aes128 = "ECDHE-ECDSA-AES128-GCM-SHA256";
    private const string Aes256 = "ECDHE-ECDSA-AES256-GCM-SHA384";

    [Theory]
    [InlineData("a.test")]
    [InlineData("b.test")]
    public async Task Versions_OfEachProfile_AreItsOwn(string first)
    {
        await using var server = await StartPairAsync(
            first, a => a with { Tls13Enabled = false }, b => b with { Tls12Enabled = false });

        Assert.Equal(["TLSv1.2", "TLSv1.3"], await Both(server, result => result.Protocol));
        Assert.Equal(["", "TLSv1.3"], await Both(server, result => result.Protocol, version: "1.3"));
        Assert.Equal(["TLSv1.2", ""], await Both(server, result => result.Protocol, version: "1.2"));
    }

    [Theory]
    [InlineData("a.test")]
    [InlineData("b.test")]
    public async Task Versions_OfOneProfileOnly_AreNotTheOthers(string first)
    {
        await using var server = await StartPairAsync(first, a => a, b => b with { Tls12Enabled = false });

        Assert.Equal(["TLSv1.3", "TLSv1.3"], await Both(server, result => result.Protocol));
        Assert.Equal(["TLSv1.2", ""], await Both(server, result => result.Protocol, version: "1.2"));
    }

    [Theory]
    [InlineData("a.test", "1.2")]
    [InlineData("b.test", "1.2")]
    [InlineData("a.test", "1.3")]
    [InlineData("b.test", "1.3")]
    public async Task Ciphers_OfEachProfile_AreItsOwn(string first, string version)
    {
        await using var server = await StartPairAsync(
            first,
            a => a with { CipherList = Aes128, CipherSuites = "TLS_AES_128_GCM_SHA256" },
            b => b with { CipherList = Aes256, CipherSuites = "TLS_AES_256_GCM_SHA384" });
        var (a, b, option) = version == "1.2" ? (Aes128, Aes256, "-cipher") : ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "-ciphersuites");

        Assert.Equal([a, b], await Both(server, result => result.Cipher, version));
        Assert.Equal([a, ""], await Both(server, result => result.Cipher, version, option, a));
        Assert.Equal(["", b], await Both(server, result => result.Cipher, version, option, b));
    }

    [Theory]
    [InlineData("a.test", "1.2")]
    [InlineData("b.test", "1.2")]
    [InlineData("a.test", "1.3")]
    [InlineData("b.test", "1.3")]
    public async Task Groups_OfEachProfile_AreItsOwn(string first, string version)
    {
        await using var server = await StartPairAsync(first, a => a with { Groups = "X25519:P-521" }, b => b with { Groups = "P-384:X448" });

        await Both(server, result => result.Kind, version, "-groups", "X25519:P-256:P-384:P-521:X448");
        Assert.Equal(["x25519", "secp384r1"], server.Policy.Handshakes.OrderBy(handshake => handshake.ServerName, StringComparer.Ordinal).Select(handshake => handshake.Group));
        Assert.Equal([HandshakeKind.Full, HandshakeKind.None], await Both(server, result => result.Kind, version, "-groups", "P-521:P-256"));
        Assert.Equal([HandshakeKind.None, HandshakeKind.Full], await Both(server, result => result.Kind, version, "-groups", "X448:P-256"));
    }

    // In TLS 1.2 by the server's order. In TLS 1.3 a group that the client has sent a key share for spares a round trip.
    [Theory]
    [InlineData("1.2", "P-256:X25519", "x25519")]
    [InlineData("1.3", "P-256:X25519", "secp256r1")]
    [InlineData("1.3", "P-521:P-384:X25519", "x25519")] // no share that would do: the server asks for the one it likes best
    public async Task Groups_OfSeveral_AreByPreference(string version, string offered, string expected)
    {
        await using var server = await StartAsync();

        var result = await (Client(server, version) with { Arguments = ["-groups", offered] }).RunAsync();

        Assert.Equal((HandshakeKind.Full, expected), (result.Kind, server.Last.Group));
    }

    [Theory]
    [InlineData("a.test", "1.2")]
    [InlineData("b.test", "1.2")]
    [InlineData("a.test", "1.3")]
    [InlineData("b.test", "1.3")]
    public async Task Alpn_OfEachProfile_IsItsOwn(string first, string version)
    {
        await using var server = await StartPairAsync(first, a => a with { Alpn = ["http/1.1"] }, b => b with { Alpn = [] });

        Assert.Equal(["http/1.1", null], await Both(server, result => result.Alpn, version, "-alpn", "h2,http/1.1"));
        // Nothing in common ends the handshake; a profile without any does not look at the extension.
        Assert.Equal([HandshakeKind.None, HandshakeKind.Full], await Both(server, result => result.Kind, version, "-alpn", "h2"));
    }

    [Theory]
    [InlineData("a.test")]
    [InlineData("b.test")]
    public async Task Tickets_OfEachProfile_AreItsOwn(string first)
    {
        await using var server = await StartPairAsync(first, a => a with { TicketsPerHandshake = 1 }, b => b with { TicketsPerHandshake = 4 });

        var counts = await Both(server, result => result.Tickets, "1.3");
        Assert.Equal([1, 4], counts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public async Task TicketsPerHandshake_OfAFullHandshake_AreSoMany(int count)
    {
        await using var server = await StartAsync(o => o with { TicketsPerHandshake = count });

        var result = await Client(server, "1.3").RunAsync();

        Assert.Equal((HandshakeKind.Full, count), (result.Kind, result.Tickets));
    }

    [Fact]
    public void Preferred_Groups_AreThoseThatThisOpenSslHas()
    {
        var hasMlKem = Version.Parse(OpenSslLibrary.Version.Split(' ')[1].Split('-')[0]) >= new Version(3, 5);

        Assert.Equal(hasMlKem, TlsGroups.IsUsable("X25519MLKEM768"));
        Assert.Equal(hasMlKem ? TlsGroups.Preferred : "X25519:P-256:P-384", TlsGroups.Usable(TlsGroups.Preferred));
        Assert.False(TlsGroups.IsUsable("P-9999"));
        Assert.Equal("P-384:X25519", TlsGroups.Usable("P-384:P-9999:X25519"));
    }

    private Task<TlsServer> StartPairAsync(string first, Func<TlsProfileOptions, TlsProfileOptions> a, Func<TlsProfileOptions, TlsProfileOptions> b)
    {
        var pair = new[] { Options(o => a(o with { Name = "a.test" })), Options(o => b(o with { Name = "b.test" })) };
        return TlsServer.StartAsync(Shared, null, [.. pair.OrderBy(options => options.Name != first)]);
    }

    private static async Task<T[]> Both<T>(TlsServer server, Func<OpenSslResult, T> of, string? version = null, params string[] arguments)
    {
        var results = new List<T>();
        foreach (var name in new[] { "a.test", "b.test" })
            results.Add(of(await (Client(server, version) with { ServerName = name, Arguments = arguments }).RunAsync()));
        return [.. results];
    }
}
