using System.Net;

namespace Reprise.KeyService.Tests.Dashboard;

public sealed class SignInTests
{
    [Fact]
    public async Task Page_NobodySignedIn_LeadsToSignIn()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = dashboard.Browser();

        using var page = await browser.GetAsync("/");
        using var state = await browser.GetAsync("/api/state");
        using var events = await browser.GetAsync("/api/events");

        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Equal("/sign-in", page.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, state.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, events.StatusCode);
    }

    [Fact]
    public async Task SignIn_RightToken_ShowsThePageAndTheState()
    {
        await using var dashboard = await DashboardHarness.StartAsync();

        var browser = await dashboard.SignedInAsync();

        Assert.NotNull(browser.Token);
        Assert.Equal("keys-1", (await browser.StateAsync()).GetProperty("service").GetString());
    }

    [Fact]
    public async Task SignIn_WrongToken_IsRefused()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = dashboard.Browser();

        using var answer = await browser.SignInAsync(DashboardHarness.Token + "?");
        using var state = await browser.GetAsync("/api/state");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.Equal(HttpStatusCode.Unauthorized, state.StatusCode);
    }
}
