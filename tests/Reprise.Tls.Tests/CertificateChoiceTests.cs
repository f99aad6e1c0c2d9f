using System.Text;
using Reprise.Testing;
using Reprise.Testing.Sites;
using Reprise.Tls.Interop;

namespace Reprise.Tls.Tests;

/// <summary>Of several certificates a client gets one that it can verify.</summary>
public sealed class CertificateChoiceTests : TlsTest
{
    private static readonly SiteAuthority s_authority = new();
    private static readonly Site s_ecdsa = s_authority.Issue();
    private static readonly Site s_rsa = s_authority.Issue(new SiteRequest { Kind = SiteKind.Rsa2048 });
    private static readonly Site s_edwards = s_authority.Issue(new SiteRequest { Kind = SiteKind.Ed25519 });

    [Theory]
    [InlineData("1.2", "ECDSA+SHA256", "ECDSA")]
    [InlineData("1.3", "ECDSA+SHA256", "ECDSA")]
    [InlineData("1.2", "RSA-PSS+SHA256", "RSA")]
    [InlineData("1.3", "RSA-PSS+SHA256", "RSA")]
    [InlineData("1.2", "RSA+SHA256", "RSA")] // PKCS#1 is for TLS 1.2 only
    [InlineData("1.2", "ed25519", "Ed25519")]
    [InlineData("1.3", "ed25519", "Ed25519")]
    [InlineData("1.2", "ECDSA+SHA256:RSA-PSS+SHA256", "ECDSA")] // the cheaper one
    [InlineData("1.3", "RSA-PSS+SHA256:ECDSA+SHA256", "ECDSA")]
    public async Task Certificate_ForSignatureAlgorithms_IsOneThatTheClientVerifies(string version, string algorithms, string expected)
    {
        await using var server = await StartAsync(o => o with { Certificates = [Of(s_ecdsa), Of(s_rsa), Of(s_edwards)] });

        var result = await (Client(server, version) with { Arguments = ["-sigalgs", algorithms, "-showcerts"] }).RunAsync();

        Assert.Equal(HandshakeKind.Full, result.Kind);
        var site = expected switch { "ECDSA" => s_ecdsa, "RSA" => s_rsa, _ => s_edwards };
        Assert.Equal(Lines(Site.Pem(site.Leaf)), Lines(result.PeerCertificate!));
        Assert.Contains(string.Join('\n', Lines(Site.Pem(s_authority.Intermediate))), result.Output, StringComparison.Ordinal); // each with its chain
    }

    [Theory]
    [InlineData("ECDHE-RSA-AES128-GCM-SHA256")]
    [InlineData("ECDHE-ECDSA-AES128-GCM-SHA256")]
    public async Task Certificate_ForCipherSuitesOfTls12_IsOfTheirKind(string cipher)
    {
        await using var server = await StartAsync(o => o with { Certificates = [Of(s_ecdsa), Of(s_rsa)] });

        var result = await (Client(server, "1.2") with { Arguments = ["-cipher", cipher] }).RunAsync();

        Assert.Equal(cipher, result.Cipher);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Certificate_ThatTheClientCannotVerify_EndsTheHandshake(string version)
    {
        await using var server = await StartAsync(o => o with { Certificates = [Of(s_ecdsa)] });

        var result = await (Client(server, version) with { Arguments = ["-sigalgs", "RSA-PSS+SHA256"] }).RunAsync();

        Assert.Equal(HandshakeKind.None, result.Kind);
        Assert.Contains("alert handshake failure", result.Output, StringComparison.Ordinal);
    }

    // A session is of the profile: whichever certificate it began with.
    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Session_OfOneCertificate_ResumesWithWhatTheClientCanVerifyNow(string version)
    {
        await using var server = await StartAsync(o => o with { Certificates = [Of(s_ecdsa), Of(s_rsa)] });
        var session = await SessionAsync(server, version, arguments: ["-sigalgs", "RSA-PSS+SHA256"]);

        var (client, node) = await OfferAsync(server, version, session, arguments: ["-sigalgs", "RSA-PSS+SHA256:ECDSA+SHA256"]);

        Assert.Equal((HandshakeKind.Resumed, ResumptionMode.Stateless), (client.Kind, node.Mode));
    }

    // Phones without AES in hardware put ChaCha20 first, and mean it.
    [Theory]
    [InlineData("1.3", "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256")]
    [InlineData("1.3", "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256")]
    [InlineData("1.2", "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305")]
    [InlineData("1.2", "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256")]
    public async Task Cipher_OfSeveral_IsTheServersChoiceUnlessChaCha20IsFirst(string version, string offered, string chosen)
    {
        await using var server = await StartAsync();

        var result = await (Client(server, version) with { Arguments = [version == "1.3" ? "-ciphersuites" : "-cipher", offered] }).RunAsync();

        Assert.Equal(chosen, result.Cipher);
    }

    [Fact]
    public void PrivateKey_ThatIsNone_IsRefusedInOneLine()
    {
        var fault = Assert.Throws<OpenSslException>(() => TlsPrivateKey.FromPem("no pem"u8));

        Assert.DoesNotContain('\n', fault.Message);
        Assert.Throws<OpenSslException>(() => TlsPrivateKey.FromPkcs8([0x30, 0]));
    }

    [Fact]
    public void PrivateKey_OfACertificate_BelongsToItAlone()
    {
        using var key = TlsPrivateKey.FromPem(Encoding.ASCII.GetBytes(s_rsa.Key));

        Assert.True(key.BelongsTo(s_rsa.Leaf.GetEncoded()));
        Assert.False(key.BelongsTo(s_ecdsa.Leaf.GetEncoded()));
        Assert.False(key.BelongsTo([1, 2, 3]));
    }

    private static TlsCertificate Of(Site site) =>
        new(Encoding.ASCII.GetBytes(site.Chain), TlsPrivateKey.FromPem(Encoding.ASCII.GetBytes(site.Key)), "site");

    private static string[] Lines(string pem) => [.. pem.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim())];
}
