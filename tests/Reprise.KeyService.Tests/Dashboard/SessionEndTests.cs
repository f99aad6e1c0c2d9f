using System.Net;
using Reprise.KeyService.Tests.Harness;
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

    [Fact]
    public async Task Session_AnotherDashboardOfThisHostInTheSameBrowser_GoesOn()
    {
        await using var set = await ReplicaSet.StartAsync();
        await File.WriteAllTextAsync(set.File("token"), DashboardHarness.Token);
        (string, string)[] settings = [("Dashboard:Listen", "127.0.0.1:0"), ("Dashboard:TokenFile", "token")];
        using var one = new Browser((await set.AddAsync("keys-1", settings)).Dashboard!);
        using var other = new Browser((await set.AddAsync("keys-2", settings)).Dashboard!);

        // Browsers keep cookies by host, and send them to any port of it.
        await SignInAsync(one, DashboardHarness.Token);
        other.Cookies.Add(one.Cookies.GetAllCookies());
        await SignInAsync(other, DashboardHarness.Token);
        one.Cookies.Add(other.Cookies.GetAllCookies());

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(one));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(other));
        using var signOut = await one.SignOutAsync();
        Assert.Equal(HttpStatusCode.Redirect, signOut.StatusCode); // and was no forgery
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(one));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(other));
    }

    private static async Task SignInAsync(Browser browser, string token)
    {
        using var answer = await browser.SignInAsync(token);
        using var page = await browser.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    private static async Task<HttpStatusCode> StatusAsync(Browser browser)
    {
        using var answer = await browser.GetAsync("/api/state");
        return answer.StatusCode;
    }
}
