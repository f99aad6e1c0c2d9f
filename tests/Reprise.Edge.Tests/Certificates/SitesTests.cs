using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Org.BouncyCastle.X509;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Certificates;

/// <summary>Sites with certificates and settings of every kind, in one node, as clients that are not ours see them.</summary>
public sealed class SitesTests(Sites sites) : IClassFixture<Sites>
{
    [Theory]
    [InlineData("-tls1_2", "ECDSA+SHA256", "ecdsa")]
    [InlineData("-tls1_3", "ECDSA+SHA256", "ecdsa")]
    [InlineData("-tls1_2", "RSA-PSS+SHA256:RSA+SHA256", "rsa")]
    [InlineData("-tls1_3", "RSA-PSS+SHA256", "rsa")]
    public async Task Certificate_OfTwo_IsOneThatTheClientVerifiesWithItsStatus(string version, string algorithms, string expected)
    {
        var visit = await sites.VisitAsync(Sites.Two, version, "-sigalgs", algorithms, "-status");

        Assert.Equal((HandshakeKind.Full, "two"), (visit.Kind, visit.Profile));
        var leaf = (expected == "rsa" ? sites.Rsa : sites.Ecdsa).Leaf;
        Assert.Equal(leaf, new X509CertificateParser().ReadCertificate(System.Text.Encoding.ASCII.GetBytes(visit.Client.PeerCertificate!)));
        Assert.Contains("OCSP Response Status: successful (0x0)", visit.Client.Output, StringComparison.Ordinal);
        Assert.Contains($"{leaf.SerialNumber.ToString(16)}\n", visit.Client.Output, StringComparison.OrdinalIgnoreCase);
    }

    // curl ends with 91 where it asks for a status and none is stapled.
    [Theory]
    [InlineData(Sites.Two, 0)]
    [InlineData(Sites.Strict, 91)]
    public async Task Curl_ThatWantsAStatus_GetsOneThatIsInTime(string host, int expected)
    {
        var port = sites.Node.EndPoint.Port;
        using var curl = Process.Start(new ProcessStartInfo(
            "curl",
            ["-sS", "--max-time", "20", "--cert-status", "--cacert", sites.Root, "--resolve", $"{host}:{port}:127.0.0.1", $"https://{host}:{port}/.well-known/reprise/handshake"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = curl.StandardError.ReadToEndAsync();
        var output = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();

        Assert.True(curl.ExitCode == expected, $"{curl.ExitCode}: {await error}{output}");
        Assert.Equal(expected == 0, output.Contains("\"profile\":\"two\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Settings_OfASite_HoldForItAlone()
    {
        var strict = await sites.VisitAsync(Sites.Strict, "-alpn", "h2,http/1.1", "-groups", "X25519:P-256:P-384");
        var old = await sites.VisitAsync(Sites.Old, "-alpn", "h2,http/1.1");
        var two = await sites.VisitAsync(Sites.Two, "-alpn", "http/1.1", "-groups", "X25519:P-256");

        // By the certificate: s_client may print a ticket into the middle of the report.
        Assert.Contains($" 0 s:CN = {Sites.Strict}\n", strict.Client.Output, StringComparison.Ordinal);
        Assert.Equal(("TLSv1.3", "TLS_AES_256_GCM_SHA384", null, 3), (strict.Client.Protocol, strict.Client.Cipher, strict.Client.Alpn, strict.Client.Tickets));
        Assert.Equal(("old", "TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384", "http/1.1"), (old.Profile, old.Client.Protocol, old.Client.Cipher, old.Client.Alpn));
        Assert.Equal(("TLSv1.3", "TLS_AES_128_GCM_SHA256", 2), (two.Client.Protocol, two.Client.Cipher, two.Client.Tickets));
        Assert.Equal(HandshakeKind.None, (await sites.VisitAsync(Sites.Strict, "-tls1_2")).Kind);
        Assert.Equal(HandshakeKind.None, (await sites.VisitAsync(Sites.Old, "-tls1_3")).Kind);
        Assert.Equal(HandshakeKind.None, (await sites.VisitAsync(Sites.Strict, "-groups", "P-256:P-521")).Kind);
    }

    // Exact over wildcard over default; one label; case and a final dot are no difference (RFC 6066 section 3 has none, some clients send it).
    [Theory]
    [InlineData("OLD.Test", "old")]
    [InlineData("old.test.", "old")]
    [InlineData("a.OLD.test", "old")]
    public async Task Name_InAnySpelling_IsItsProfile(string name, string expected) =>
        Assert.Equal(expected, (await sites.VisitAsync(name, "-tls1_2")).Profile);

    [Theory]
    [InlineData("a.b.old.test")]
    [InlineData("nothing.test")]
    [InlineData("old.test..")]
    public async Task Name_OfNoProfile_IsTheDefaultOne(string name)
    {
        var client = await new OpenSsl(sites.Node.Tls) { ServerName = name, Request = OpenSsl.Get("/.well-known/reprise/handshake", "nothing.test") }.RunAsync();

        Assert.Contains("\"profile\":\"default\"", client.Response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SslStream_OfASiteWithoutAlpn_AgreesOnNone()
    {
        using var limit = new CancellationTokenSource(Eventually.DefaultTimeout);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(sites.Node.EndPoint, limit.Token);
        await using var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = Sites.Strict,
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
                CertificateChainPolicy = new()
                {
                    TrustMode = System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(sites.Root) },
                    RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
                },
            },
            limit.Token);

        Assert.Equal((SslProtocols.Tls13, 0), (tls.SslProtocol, tls.NegotiatedApplicationProtocol.Protocol.Length));
    }

    [Fact]
    public async Task Metrics_OfCertificates_SayHowLongTheyLast()
    {
        var metrics = await sites.Node.MetricsAsync();

        foreach (var (profile, key) in new[] { ("two", "ECDSA"), ("two", "RSA"), ("strict", "ECDSA") })
            Assert.InRange(metrics.Sum("reprise_certificate_expiry_seconds", ("profile", profile), ("key", key)), 80 * 86400, 90 * 86400);
        Assert.InRange(metrics.Sum("reprise_ocsp_expiry_seconds", ("profile", "two"), ("key", "RSA")), 2 * 86400, 3 * 86400);
        Assert.InRange(metrics.Sum("reprise_ocsp_expiry_seconds", ("profile", "strict")), -7200, -3600);
    }

    [Fact]
    public void Log_OfTheNode_TellsOfTheEndAndNotOfSecrets()
    {
        Assert.Contains("Profiles:strict:Certificates:0:OcspResponse expired at ", sites.Node.Process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Sites.Secret, sites.Node.Process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("can be read or written by every user", sites.Node.Process.Output, StringComparison.Ordinal);
    }
}
