using System.Net;
using Reprise.KeyService.Tests.Harness;

namespace Reprise.KeyService.Tests.Dashboard;

public sealed class TokenSecrecyTests
{
    private const string Mistyped = "a-token-that-is-mistyped-is-nearly-the-right-one";

    [Fact]
    public async Task Token_GivenInEveryWay_IsInNoLogMetricAuditOrState()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = await dashboard.SignedInAsync();
        using var wrong = await dashboard.Browser().SignInAsync(Mistyped);
        using var program = await dashboard.Browser().BearerAsync(HttpMethod.Get, "/api/state", DashboardHarness.Token);
        using var wrongProgram = await dashboard.Browser().BearerAsync(HttpMethod.Get, "/api/state", Mistyped);
        using var metrics = new HttpClient();
        var audit = await dashboard.Service.Channel().AuditAsync();

        var text = string.Join('\n', dashboard.Service.Log.Text, await metrics.GetStringAsync(new Uri(dashboard.Service.Management, "/metrics")), audit, await browser.StateAsync());

        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.OK, program.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, wrongProgram.StatusCode);
        // At Trace the framework says what it hands to whom: without that this would show nothing.
        Assert.Contains("Executing handler method", text, StringComparison.Ordinal);
        Assert.DoesNotContain(DashboardHarness.Token, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Mistyped, text, StringComparison.Ordinal);
        foreach (Cookie cookie in browser.Cookies.GetAllCookies())
            Assert.DoesNotContain(cookie.Value, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task State_OfEveryKind_HoldsNoSecretOfAnEpoch()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var keeper = (Epochs.EpochKeeper)dashboard.Service.Services.GetService(typeof(Epochs.EpochKeeper))!;
        await using var node = await dashboard.Service.NodeAsync("edge-1");
        var browser = await dashboard.SignedInAsync();
        using var page = await browser.GetAsync("/");

        var text = string.Join('\n', await browser.StateAsync(), await page.Content.ReadAsStringAsync());

        Assert.Contains(keeper.Current.Active!.Number.ToString(System.Globalization.CultureInfo.InvariantCulture), text, StringComparison.Ordinal);
        foreach (var epoch in keeper.Current.Epochs)
        {
            var secret = new byte[Core.Keys.EpochSecret.Length];
            epoch.Secret!.CopyTo(secret);
            Assert.DoesNotContain(Convert.ToHexString(secret.AsSpan(0, 6)), text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToBase64String(secret)[..8], text, StringComparison.Ordinal);
        }
    }
}
