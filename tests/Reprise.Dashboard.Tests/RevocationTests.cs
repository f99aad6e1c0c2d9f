using Microsoft.Playwright;
using Reprise.Dashboard.Tests.Harness;
using Reprise.Testing;
using static Microsoft.Playwright.Assertions;

namespace Reprise.Dashboard.Tests;

/// <summary>Revoking by the page: its number has to be typed.</summary>
[Collection(DashboardCluster.Collection)]
public sealed class RevocationTests(DashboardCluster cluster)
{
    [Fact]
    public async Task Revoke_OfARetiredEpoch_NeedsItsNumberAndDestroysItEverywhere()
    {
        await using var page = await cluster.SignedInAsync();
        using var client = new ReturningClient(cluster, "stateless.reprise.test");
        var retired = await page.SealingAsync();
        await client.BeginAsync();
        await page.RotateAsync();
        Assert.Equal(HandshakeKind.Resumed, await client.ComeBackAsync());

        await page.Epoch(retired).GetByRole(AriaRole.Button).ClickAsync();
        var go = page.Button("Revoke");
        await Expect(go).ToBeDisabledAsync();
        await Expect(page.Page.Locator("#operation-input")).ToBeFocusedAsync();
        await page.Page.Keyboard.TypeAsync(retired + "0");
        await Expect(go).ToBeDisabledAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Status).ToBeHiddenAsync();
        await page.Page.Keyboard.PressAsync("Backspace");
        await Expect(go).ToBeEnabledAsync();
        await page.Page.Keyboard.PressAsync("Enter");

        await DashboardPage.ShowsAsync(page.Status, $"Epoch {retired} is destroyed: acknowledged by all 3 nodes");
        await page.Page.Keyboard.PressAsync("Escape");
        await DashboardPage.ShowsAsync(page.Epoch(retired), "destroyed");
        await Expect(page.Epoch(retired).GetByRole(AriaRole.Button)).ToBeHiddenAsync();
        await DashboardPage.ShowsAsync(page.Activity("revoke", $"epoch {retired}"), "ok");
        Assert.Equal(HandshakeKind.Full, await client.ComeBackAsync());

        // The node that was asked for it tells why not.
        await Expect(page.Decline("retired").Or(page.Decline("unknown_key")).First).ToBeVisibleAsync(new() { Timeout = DashboardPage.Patience });
    }

    [Fact]
    public async Task Revoke_OfTheEpochThatSeals_PutsASuccessorInItsPlace()
    {
        await using var page = await cluster.SignedInAsync();
        var sealing = await page.SealingAsync();

        await page.Epoch(sealing).GetByRole(AriaRole.Button).ClickAsync();
        await DashboardPage.ShowsAsync(page.Dialog, "a successor takes its place first");
        await page.Page.GetByRole(AriaRole.Checkbox).CheckAsync();
        await page.Page.Keyboard.PressAsync("Tab");
        await page.Page.Keyboard.TypeAsync(sealing);
        await page.Button("Revoke").ClickAsync();

        await DashboardPage.ShowsAsync(page.Status, $"Epoch {sealing} is destroyed");
        foreach (var edge in DashboardCluster.Edges)
            await DashboardPage.ShowsAsync(page.Step(edge, 1), "s");
        await page.Button("Close").ClickAsync();
        await DashboardPage.ShowsAsync(page.Epoch(sealing), "destroyed");
        Assert.NotEqual(sealing, await page.SealingAsync());
    }
}
