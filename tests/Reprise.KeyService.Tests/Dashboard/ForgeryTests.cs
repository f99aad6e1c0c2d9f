using System.Net;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Dashboard;

public sealed class ForgeryTests
{
    private const string Header = "RequestVerificationToken";

    /// <summary>What a page of somebody else's cannot leave as ours has it, each by itself.</summary>
    public static TheoryData<string, string, string?> Forgeries => new()
    {
        { "no token", Header, null },
        { "a token of its own making", Header, "CfDJ8AAAAAAAAAAAAAAAAAAAAAA" },
        { "another site", "Sec-Fetch-Site", "cross-site" },
        { "another port of this host", "Sec-Fetch-Site", "same-site" },
        { "typed into the address bar", "Sec-Fetch-Site", "none" },
        { "another origin", "Origin", "https://evil.example" },
        { "the same host in the clear", "Origin", "http://127.0.0.1" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task Action_ThatOurPageHasNotSent_DoesNothing(string how, string header, string? value)
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var epochs = (EpochKeeper)dashboard.Service.Services.GetService(typeof(EpochKeeper))!;
        await Eventually.TrueAsync(() => epochs.Current.Generation > 0);
        var before = epochs.Current.Generation;
        var admin = dashboard.Browser("admin");
        using var page = await admin.GetAsync("/");

        foreach (var browser in new[] { await dashboard.SignedInAsync(), admin })
        {
            using var answer = await browser.PostAsync("/api/rotate", new { }, request => Set(request, header, value));

            Assert.True(HttpStatusCode.Forbidden == answer.StatusCode, $"{how}: {answer.StatusCode}");
            Assert.Contains("FORGERY", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(before, epochs.Current.Generation);
    }

    [Fact]
    public async Task SignOut_WithoutTheTokenOfThePage_LeavesTheSession()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = await dashboard.SignedInAsync();

        using var forged = await browser.PostAsync("/sign-out", new { }, request => request.Headers.Remove(Header));
        using var still = await browser.GetAsync("/api/state");
        using var own = await browser.PostAsync("/sign-out", new { });
        using var after = await browser.GetAsync("/api/state");

        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, own.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task Token_OfAnotherSession_IsNotTaken()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var victim = await dashboard.SignedInAsync();
        var other = await dashboard.SignedInAsync();

        using var answer = await victim.PostAsync("/sign-out", new { }, request => Set(request, Header, other.Token));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task Forgery_OfAnybody_IsCountedAndAudited()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = await dashboard.SignedInAsync();
        using var http = new HttpClient();

        using var forged = await browser.PostAsync("/sign-out", new { }, request => request.Headers.Remove(Header));

        await Eventually.TrueAsync(async () => (await dashboard.Service.Channel().AuditAsync()).Any(entry =>
            entry is { Action: "refuse", Actor: "admin/dashboard", Detail: "a request that no page of the dashboard has sent" }));
        var metrics = await http.GetStringAsync(new Uri(dashboard.Service.Management, "/metrics"));
        Assert.Contains(metrics.Split('\n'), line => line.StartsWith("reprise_keys_refusals_total", StringComparison.Ordinal) && line.Contains("reason=\"forgery\"", StringComparison.Ordinal) && line.Contains("} 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Action_OfAProgramWithTheToken_NeedsNoneOfAPage()
    {
        await using var dashboard = await DashboardHarness.StartAsync();

        using var answer = await dashboard.Browser().BearerAsync(HttpMethod.Post, "/api/rotate", DashboardHarness.Token, new { });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("\"done\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    // Or the one would take the place of the page's token, and the other of the right one.
    [Theory]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer")]
    [InlineData("Basic YWRtaW46YWRtaW4=")]
    public async Task Action_WrongAuthorizationBesideASessionOrCertificate_DoesNothing(string authorization)
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var epochs = (EpochKeeper)dashboard.Service.Services.GetService(typeof(EpochKeeper))!;
        var before = (await dashboard.Service.Channel().Admin.ListAsync(new())).Generation;

        foreach (var browser in new[] { await dashboard.SignedInAsync(), dashboard.Browser("admin") })
        {
            using var answer = await browser.PostAsync("/api/rotate", new { }, request =>
            {
                request.Headers.Remove(Header);
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            });

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        Assert.Equal(before, epochs.Current.Generation);
    }

    private static void Set(HttpRequestMessage request, string header, string? value)
    {
        request.Headers.Remove(header);
        if (value is not null)
            request.Headers.Add(header, value);
    }
}
