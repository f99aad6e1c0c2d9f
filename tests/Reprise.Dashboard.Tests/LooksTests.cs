using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Reprise.Dashboard.Tests.Harness;
using static Microsoft.Playwright.Assertions;

namespace Reprise.Dashboard.Tests;

/// <summary>Whether everybody can read and use it: on small screens, in both colour schemes, by keyboard. Contrast and structure are judged by axe.</summary>
[Collection(DashboardCluster.Collection)]
public sealed class LooksTests(DashboardCluster cluster)
{
    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task Page_OfAnySizeAndScheme_IsAccessibleAndNotWiderThanTheScreen(int width, ColorScheme scheme)
    {
        await using var page = await cluster.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = scheme });
        await page.OpenAsync();
        await JudgeAsync(page.Page, width);
        await page.SignInAsync();
        await JudgeAsync(page.Page, width);

        await EveryState.ShowAsync(page);
        await JudgeAsync(page.Page, width);

        await page.Epoch("8").GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Dialog).ToBeVisibleAsync();
        await JudgeAsync(page.Page, width);
    }

    [Fact]
    public async Task Colours_OfTheTwoSchemes_Differ()
    {
        var grounds = new List<string>();
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await using var page = await cluster.NewPageAsync(new() { ColorScheme = scheme });
            await page.OpenAsync();
            grounds.Add(await page.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        }

        Assert.Equal(2, grounds.Distinct().Count());
    }

    [Fact]
    public async Task Keyboard_Alone_IsEnough()
    {
        await using var page = await cluster.SignedInAsync();
        var keyboard = page.Page.Keyboard;

        await keyboard.PressAsync("Tab");
        await Expect(page.Page.GetByText("Skip to the nodes")).ToBeFocusedAsync();
        await keyboard.PressAsync("Tab");
        await Expect(page.Button("Rotate keys")).ToBeFocusedAsync();
        Assert.NotEqual("none", await page.Page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
        await keyboard.PressAsync("Enter");
        await DashboardPage.ShowsAsync(page.Status, "acknowledged by all 3 nodes");
        await Expect(page.Button("Close")).ToBeFocusedAsync();
        await keyboard.PressAsync("Escape");
        await Expect(page.Dialog).ToBeHiddenAsync();
        await Expect(page.Button("Rotate keys")).ToBeFocusedAsync();

        // What can be clicked can be reached, one after the other, and a dialog keeps the focus.
        var reached = new HashSet<string>();
        for (var steps = 0; steps < 60 && !reached.Contains("Revoke"); steps++)
        {
            await keyboard.PressAsync("Tab");
            reached.Add(await page.Page.EvaluateAsync<string>("(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent).split(' ')[0]"));
        }

        Assert.Superset(new HashSet<string>(["Sign", "stateful", "stateless", "Purge", "Revoke"]), reached);
        await keyboard.PressAsync("Space");
        await Expect(page.Page.Locator("#operation-input")).ToBeFocusedAsync();
        for (var steps = 0; steps < 6; steps++)
        {
            await keyboard.PressAsync("Tab");
            Assert.True(await page.Page.EvaluateAsync<bool>("document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement)"));
        }
    }

    [Fact]
    public async Task Motion_ForWhoWantsNone_IsNone()
    {
        await using var page = await cluster.SignedInAsync(new() { ReducedMotion = ReducedMotion.Reduce });

        Assert.Equal(0, await page.Page.EvaluateAsync<int>("""
            [...document.querySelectorAll("*")].filter(each => ["transitionDuration", "animationDuration"].some(name => parseFloat(getComputedStyle(each)[name]) > 0)).length
            """));
    }

    private static async Task JudgeAsync(IPage page, int width)
    {
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        var found = await page.RunAxe();
        Assert.Empty(found.Violations.Select(violation => $"{violation.Id}: {violation.Help}: {string.Join(", ", violation.Nodes.Take(3).Select(node => node.Html))}"));
        Assert.Contains("color-contrast", found.Passes.Select(pass => pass.Id));
    }
}
