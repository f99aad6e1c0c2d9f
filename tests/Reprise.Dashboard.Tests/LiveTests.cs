using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Reprise.Dashboard.Tests.Harness;
using Reprise.Testing;
using static Microsoft.Playwright.Assertions;

namespace Reprise.Dashboard.Tests;

/// <summary>The page as it is kept up to date, and as it says that it is not.</summary>
[Collection(DashboardCluster.Collection)]
public sealed class LiveTests(DashboardCluster cluster)
{
    [Fact]
    public async Task Stream_ThatBreaks_IsSaidAndComesBack()
    {
        await using var relay = TcpRelay.Start(new Uri(cluster.Address).Authority);
        await using var page = await ThroughAsync(relay);
        page.RequestsMayFail = true;

        relay.Refuse();
        relay.CutAll();

        await DashboardPage.ShowsAsync(Connection(page), "Not live since ");
        await Expect(Connection(page)).ToContainTextAsync(new Regex("[0-9]{2}:[0-9]{2}:[0-9]{2}; trying again"));
        relay.Accept();
        await DashboardPage.ShowsAsync(Connection(page), "Live");
        await page.RotateAsync();
    }

    // No byte comes, and no end either: the network's way to fail.
    [Fact]
    public async Task Stream_ThatFallsSilent_IsTakenForBroken()
    {
        await using var relay = TcpRelay.Start(new Uri(cluster.Address).Authority);
        await using var page = await ThroughAsync(relay, clock: true);
        page.RequestsMayFail = true;

        relay.AnswersStalled = true;
        await page.Page.Clock.FastForwardAsync(16_000);

        await DashboardPage.ShowsAsync(Connection(page), "Not live since ");
        relay.CutAll();
        relay.Heal();
        await page.Page.Clock.FastForwardAsync(16_000);
        await DashboardPage.ShowsAsync(Connection(page), "Live");
    }

    [Fact]
    public async Task Stream_OfSomebodySignedOut_AsksToSignInAgain()
    {
        await using var relay = TcpRelay.Start(new Uri(cluster.Address).Authority);
        await using var page = await ThroughAsync(relay);
        page.RequestsMayFail = true;

        await page.Page.Context.ClearCookiesAsync();
        relay.CutAll();

        await DashboardPage.ShowsAsync(Connection(page), "you are signed out");
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.Page).ToHaveURLAsync($"{page.Address}/sign-in");
    }

    [Fact]
    public async Task Update_Always_LeavesFocusSelectionAndPlaceAloneAndIsNotReadOut()
    {
        await using var page = await cluster.SignedInAsync(new() { ViewportSize = new() { Width = 1280, Height = 400 } });
        var sealing = await page.SealingAsync();
        var button = page.Epoch(sealing).GetByRole(AriaRole.Button);
        await button.FocusAsync();
        await page.Page.EvaluateAsync("""
            getSelection().selectAllChildren(document.querySelector("#nodes th"));
            scrollTo(0, 321);
            globalThis.spoken = [];
            document.querySelectorAll("[role=status], [role=alert], [aria-live]").forEach(place =>
              new MutationObserver(changes => spoken.push(place.textContent)).observe(place, { childList: true, characterData: true, subtree: true }));
            """);

        await cluster.CommandAsync("keys", "rotate", "--wait");

        await DashboardPage.ShowsAsync(page.Epoch(sealing), "retired, opens");
        await Expect(button).ToBeFocusedAsync();
        Assert.Equal("edge-1", await page.Page.EvaluateAsync<string>("getSelection().toString()"));
        Assert.Equal(321, await page.Page.EvaluateAsync<int>("scrollY"));
        Assert.Empty(await page.Page.EvaluateAsync<string[]>("spoken"));
    }

    [Fact]
    public async Task Text_ThatIsMarkup_IsShownAsItStands()
    {
        await using var page = await cluster.SignedInAsync();

        await EveryState.ShowAsync(page);

        Assert.Equal(0, await page.Page.Locator("body b").CountAsync());
        await DashboardPage.ShowsAsync(page.Page.Locator("#service"), EveryState.Markup);
        foreach (var table in (string[])["nodes", "matrix-nodes", "matrix", "declines", "profiles", "audit"])
            await DashboardPage.ShowsAsync(page.Page.Locator($"#{table}"), EveryState.Markup);
        await page.Button($"Purge stored sessions of {EveryState.Markup}").ClickAsync();
        await DashboardPage.ShowsAsync(page.Dialog, EveryState.Markup);
        Assert.Equal(0, await page.Page.Locator("body b").CountAsync());
    }

    private async Task<DashboardPage> ThroughAsync(TcpRelay relay, bool clock = false)
    {
        var page = await cluster.NewPageAsync();
        if (clock)
            await page.Page.Clock.InstallAsync();
        page.Address = $"https://{relay.Address}";
        await page.SignInAsync();
        return page;
    }

    private static ILocator Connection(DashboardPage page) => page.Page.Locator("#connection");
}
