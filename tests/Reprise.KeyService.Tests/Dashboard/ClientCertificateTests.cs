using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Dashboard;

public sealed class ClientCertificateTests
{
    [Fact]
    public async Task Page_AdminsCertificate_NeedsNoToken()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = dashboard.Browser("admin");

        using var page = await browser.GetAsync("/");

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.NotNull(browser.Token);
        Assert.Equal("keys-1", (await browser.StateAsync()).GetProperty("service").GetString());
    }

    [Theory]
    [InlineData("edge-1", "its certificate is that of edge/edge-1, where an admin was expected")]
    [InlineData("keys-1", "its certificate is that of keyservice/keys-1, where an admin was expected")]
    public async Task Handshake_CertificateOfAnotherRole_IsRefusedAndAudited(string certificate, string reason)
    {
        await using var dashboard = await DashboardHarness.StartAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => dashboard.Browser(certificate).GetAsync("/sign-in"));

        await Eventually.TrueAsync(async () => (await dashboard.Service.Channel().AuditAsync()).Any(entry => entry.Action == "refuse" && entry.Detail == reason));
    }

    [Fact]
    public async Task Handshake_AdminsCertificateOfAnotherAuthority_IsRefused()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        dashboard.Service.StrangersChannel();

        await Assert.ThrowsAsync<HttpRequestException>(() => dashboard.Browser("stranger").GetAsync("/sign-in"));

        await Eventually.TrueAsync(async () => (await dashboard.Service.Channel().AuditAsync()).Any(entry =>
            entry.Action == "refuse" && entry.Detail.StartsWith("its certificate is refused by the configured CA", StringComparison.Ordinal)));
    }

    // By the service's clock, which is far ahead: the handshake's is the system's.
    [Fact]
    public async Task SignIn_ByTokenWithACertificateThatIsOver_LetsIn()
    {
        await using var dashboard = await DashboardHarness.StartAsync(new FakeTimeProvider(DateTimeOffset.UtcNow.AddYears(50)));
        var browser = dashboard.Browser("admin");

        using var before = await browser.GetAsync("/");
        using var signIn = await browser.SignInAsync(DashboardHarness.Token);
        using var page = await browser.GetAsync("/");

        Assert.Equal("/sign-in", before.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.Redirect, signIn.StatusCode);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("keys-1", (await browser.StateAsync()).GetProperty("service").GetString());
    }

    [Fact]
    public async Task Page_NoTokenFile_LetsOnlyCertificatesIn()
    {
        await using var service = await KeyServiceHarness.StartAsync(null, ("Dashboard:Listen", "127.0.0.1:0"));
        using var stranger = new Browser(service.Dashboard!);
        using var certificate = X509Certificate2.CreateFromPemFile(service.File("admin.crt"), service.File("admin.key"));
        using var admin = new Browser(service.Dashboard!, certificate);

        using var signIn = await stranger.SignInAsync(DashboardHarness.Token);
        using var nothing = await stranger.SignInAsync("");
        using var program = await stranger.BearerAsync(HttpMethod.Get, "/api/state", DashboardHarness.Token);
        using var page = await admin.GetAsync("/");

        Assert.Equal(HttpStatusCode.Forbidden, signIn.StatusCode); // there is no form, and so no page that has sent it
        Assert.Equal(HttpStatusCode.Forbidden, nothing.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, program.StatusCode);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }
}
