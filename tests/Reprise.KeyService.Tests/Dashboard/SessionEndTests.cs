using System.Net;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Dashboard;

public sealed class SessionEndTests
{
    private const string NewToken = "another-token-of-this-test-and-of-nothing-else";

    [Fact]
    public async Task Session_TokenFileChanged_EndsAndTheNewTokenSignsIn()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = await dashboard.SignedInAsync();

        await File.WriteAllTextAsync(dashboard.Service.File("token"), NewToken);

        await Eventually.TrueAsync(async () => await StatusAsync(browser) == HttpStatusCode.Unauthorized);
        using var former = await dashboard.Browser().SignInAsync(DashboardHarness.Token);
        using var later = await dashboard.Browser().SignInAsync(NewToken);
        Assert.Equal(HttpStatusCode.Unauthorized, former.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, later.StatusCode);
    }

    [Fact]
    public async Task Session_TokenFileTakenAway_EndsAndNobodyIsLetIn()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = await dashboard.SignedInAsync();

        File.Delete(dashboard.Service.File("token"));

        await Eventually.TrueAsync(async () => await StatusAsync(browser) == HttpStatusCode.Unauthorized);
        using var former = await dashboard.Browser().SignInAsync(DashboardHarness.Token);
        using var nothing = await dashboard.Browser().SignInAsync("");
        Assert.Equal(HttpStatusCode.Unauthorized, former.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, nothing.StatusCode);
    }

    [Fact]
    public async Task SignOut_CookieThatSomebodyHasKept_OpensNothingAnyMore()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = await dashboard.SignedInAsync();
        var thief = dashboard.Browser();
        thief.Cookies.Add(browser.Cookies.GetAllCookies());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(thief));

        using var answer = await browser.SignOutAsync();

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(browser));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(thief));
    }

    [Fact]
    public async Task Session_RestartedKeyService_EndsToo()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = await dashboard.SignedInAsync();
        var kept = browser.Cookies.GetAllCookies();

        await dashboard.Service.StopAsync();
        await dashboard.Service.StartAsync();

        // Another port, so they are no longer this browser's by themselves.
        var again = dashboard.Browser();
        foreach (Cookie cookie in kept)
            again.Cookies.Add(dashboard.Service.Dashboard!, new Cookie(cookie.Name, cookie.Value, "/") { Secure = true });
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(again));
    }

    private static async Task<HttpStatusCode> StatusAsync(Browser browser)
    {
        using var answer = await browser.GetAsync("/api/state");
        return answer.StatusCode;
    }
}
