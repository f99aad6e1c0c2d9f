using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Dashboard;

public sealed class ShownCertificateTests
{
    [Fact]
    public async Task Handshake_NoneConfigured_ShowsTheKeyServices()
    {
        await using var service = await KeyServiceHarness.StartAsync(null, ("Dashboard:Listen", "127.0.0.1:0"));

        Assert.Equal(Print(service, "keys-1"), await ShownAsync(service.Dashboard!));
    }

    [Fact]
    public async Task Handshake_OwnConfigured_ShowsItAndTheOneThatTakesItsPlace()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var service = await KeyServiceHarness.StartAsync(
            time, ("Dashboard:Listen", "127.0.0.1:0"), ("Dashboard:Certificate", "site.crt"), ("Dashboard:Key", "site.key"));
        var first = await ShownAsync(service.Dashboard!);
        var wrong = File.ReadAllText(service.File("edge-1.key"));
        var (formerCertificate, formerKey) = (Print(service, "site"), File.ReadAllText(service.File("site.key")));

        await File.WriteAllTextAsync(service.File("site.key"), wrong);
        time.Advance(TimeSpan.FromMinutes(1));
        var meanwhile = await ShownAsync(service.Dashboard!);
        using var next = service.Authority.Site(SiteKey.EcdsaP256, "dashboard.reprise.test");
        TestAuthority.Write(next, Path.GetDirectoryName(service.File("site.crt"))!, "site");
        time.Advance(TimeSpan.FromMinutes(1));
        var later = await ShownAsync(service.Dashboard!);

        Assert.Equal(formerCertificate, first);
        Assert.Equal(formerCertificate, meanwhile); // halfway through a renewal the former one stays
        Assert.Equal(next.Thumbprint, later);
        Assert.NotEqual(first, later);
        Assert.DoesNotContain(formerKey.Split('\n')[1], service.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AdminsCertificate_WhereAnotherIsShown_LetsIn()
    {
        await using var service = await KeyServiceHarness.StartAsync(
            null, ("Dashboard:Listen", "127.0.0.1:0"), ("Dashboard:Certificate", "site.crt"), ("Dashboard:Key", "site.key"));
        using var certificate = X509Certificate2.CreateFromPemFile(service.File("admin.crt"), service.File("admin.key"));
        using var browser = new Browser(service.Dashboard!, certificate);

        Assert.Equal("keys-1", (await browser.StateAsync()).GetProperty("service").GetString());
    }

    private static string Print(KeyServiceHarness service, string name)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(service.File($"{name}.crt"));
        return certificate.Thumbprint;
    }

    private static async Task<string> ShownAsync(Uri dashboard)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(dashboard.Host, dashboard.Port);
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, shown, _, _) => shown is not null);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }).WaitAsync(Eventually.DefaultTimeout);
        return ((X509Certificate2)tls.RemoteCertificate!).Thumbprint;
    }
}
