using System.Text;
using Reprise.Testing;
using Reprise.Testing.Sites;

namespace Reprise.Tls.Tests;

/// <summary>OCSP responses go with the certificate that is sent, to clients that ask, until they expire.</summary>
public sealed class StaplingTests : TlsTest
{
    private static readonly SiteAuthority s_authority = new();

    // b.test is not the profile that the connection begins with: OpenSSL asks the callback of the context at hand.
    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Status_AskedOfAProfileBySni_IsThatProfiles(string version)
    {
        var (site, other) = (s_authority.Issue(), s_authority.Issue());
        await using var server = await TlsServer.StartAsync(Policy(
            Profile("a.test", other),
            Profile("b.test", site, Staple(site))));

        var stapled = await AskAsync(server, version, "b.test");
        var none = await AskAsync(server, version, "a.test");

        Assert.Contains("OCSP Response Status: successful (0x0)", stapled.Output, StringComparison.Ordinal);
        Assert.Contains("Cert Status: good", stapled.Output, StringComparison.Ordinal);
        Assert.Contains($"Serial Number: {site.Leaf.SerialNumber.ToString(16).PadLeft(30, '0').ToUpperInvariant()}", stapled.Output.ToUpperInvariant().Replace("SERIAL NUMBER", "Serial Number", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("OCSP response: no response sent", none.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Status_NotAskedFor_IsNotSent(string version)
    {
        var site = s_authority.Issue();
        await using var server = await TlsServer.StartAsync(Policy(Profile("a.test", site, Staple(site))));

        var result = await (Client(server, version) with { Arguments = ["-tlsextdebug", "-msg"] }).RunAsync();

        Assert.Equal(HandshakeKind.Full, result.Kind);
        Assert.DoesNotContain("CertificateStatus", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("status request", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_PastItsTime_IsNotSentAnyMore()
    {
        var site = s_authority.Issue();
        using var profile = Profile("a.test", site, new OcspStaple(new OcspAnswer().About(site), DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddSeconds(-1)));
        await using var server = await TlsServer.StartAsync(Policy(profile));

        Assert.Contains("no response sent", (await AskAsync(server, "1.3", "a.test")).Output, StringComparison.Ordinal);
        profile.Staples = [Staple(site)]; // a newer one, and the connections after it
        Assert.Contains("Cert Status: good", (await AskAsync(server, "1.3", "a.test")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Status_OfSeveralCertificates_IsThatOfTheOneSent(string version)
    {
        var (ecdsa, rsa) = (s_authority.Issue(), s_authority.Issue(new SiteRequest { Kind = SiteKind.Rsa2048 }));
        using var profile = new TlsProfile(Options(o => o with { Certificates = [Certificate(ecdsa), Certificate(rsa)] })) { Resumption = new(true, true, Tls13ResumptionMode.Stateless, Shared.Keys) };
        profile.Staples = [Staple(ecdsa), Staple(rsa)];
        await using var server = await TlsServer.StartAsync(Policy(profile));

        var one = await AskAsync(server, version, "a.test", "-sigalgs", "ECDSA+SHA256");
        var other = await AskAsync(server, version, "a.test", "-sigalgs", "RSA-PSS+SHA256");

        Assert.Contains($"{ecdsa.Leaf.SerialNumber.ToString(16)}\n", Status(one), StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"{rsa.Leaf.SerialNumber.ToString(16)}\n", Status(other), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Status_OfAResumedHandshake_IsNotSent(string version)
    {
        var site = s_authority.Issue();
        await using var server = await TlsServer.StartAsync(Policy(Profile("a.test", site, Staple(site))));
        var session = await SessionAsync(server, version, arguments: ["-status"]);

        var (client, node) = await OfferAsync(server, version, session, arguments: ["-status"]);

        Assert.Equal((HandshakeKind.Resumed, ResumptionMode.Stateless), (client.Kind, node.Mode));
        Assert.DoesNotContain("Cert Status", client.Output, StringComparison.Ordinal);
    }

    private static string Status(OpenSslResult result)
    {
        Assert.Contains("Cert Status: good", result.Output, StringComparison.Ordinal);
        return result.Output[result.Output.IndexOf("Certificate ID", StringComparison.Ordinal)..result.Output.IndexOf("Cert Status", StringComparison.Ordinal)];
    }

    private static Task<OpenSslResult> AskAsync(TlsServer server, string version, string name, params string[] arguments) =>
        (Client(server, version) with { ServerName = name, Arguments = ["-status", .. arguments] }).RunAsync();

    private static OcspStaple Staple(Site site) => new(new OcspAnswer().About(site), DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(3));

    private static TlsCertificate Certificate(Site site) =>
        new(Encoding.ASCII.GetBytes(site.Chain), TlsPrivateKey.FromPem(Encoding.ASCII.GetBytes(site.Key)), "site");

    private TlsProfile Profile(string name, Site site, params OcspStaple[] staples) => new(Options(o => o with { Name = name, Certificates = [Certificate(site)] }))
    {
        Resumption = new(true, true, Tls13ResumptionMode.Stateless, Shared.Keys),
        Staples = staples,
    };

    private TestPolicy Policy(params TlsProfile[] profiles) => new(Shared, profiles);
}
