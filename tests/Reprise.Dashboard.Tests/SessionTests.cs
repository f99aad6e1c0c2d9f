using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Reprise.Dashboard.Tests.Harness;
using Reprise.Testing;
using static Microsoft.Playwright.Assertions;

namespace Reprise.Dashboard.Tests;

/// <summary>Switches and purges, as a client feels them and as the reasons for its full handshakes tell.</summary>
[Collection(DashboardCluster.Collection)]
public sealed class SessionTests(DashboardCluster cluster)
{
    [Fact]
    public async Task Switch_OffAndOnAgain_IsInForceOnEveryNode()
    {
        await using var page = await cluster.SignedInAsync();
        using var client = new ReturningClient(cluster, "stateless.reprise.test");
        await client.BeginAsync();
        Assert.Equal(HandshakeKind.Resumed, await client.ComeBackAsync());
        var stateless = page.Profile("stateless").GetByRole(AriaRole.Switch, new() { Name = "stateless resumption of stateless" });
        await Expect(stateless).ToBeCheckedAsync();

        await stateless.ClickAsync();
        await page.Button("Switch off").ClickAsync();

        await DashboardPage.ShowsAsync(page.Status, "stateless: stateless resumption is off: acknowledged by all 3 nodes");
        await page.Button("Close").ClickAsync();
        await Expect(stateless).Not.ToBeCheckedAsync(new() { Timeout = DashboardPage.Patience });
        await DashboardPage.ShowsAsync(page.Profile("stateless"), "by an operator");
        Assert.Equal(HandshakeKind.Full, await client.ComeBackAsync());
        await Expect(page.Decline("policy").Locator("td").Nth(1)).ToHaveTextAsync(new Regex("[1-9]"), new() { Timeout = DashboardPage.Patience });

        await stateless.ClickAsync();
        await DashboardPage.ShowsAsync(page.Status, "stateless: stateless resumption is on: acknowledged by all 3 nodes");
        await page.Button("Close").ClickAsync();
        await Expect(stateless).ToBeCheckedAsync(new() { Timeout = DashboardPage.Patience });
        await DashboardPage.ShowsAsync(page.Activity("set resumption", "stateless"), "ok");
    }

    [Fact]
    public async Task Purge_OfAProfile_EndsItsSessionsAndTheReasonIsShown()
    {
        await using var page = await cluster.SignedInAsync();
        using var client = new ReturningClient(cluster, "stateful.reprise.test");
        await client.BeginAsync();
        Assert.Equal(HandshakeKind.Resumed, await client.ComeBackAsync());

        await page.Button("Purge stored sessions of stateful").ClickAsync();
        await DashboardPage.ShowsAsync(page.Dialog, "Ends the stored sessions of stateful on all nodes");
        await page.Button("Purge").ClickAsync();

        await DashboardPage.ShowsAsync(page.Status, "stateful: stored sessions are purged: acknowledged by all 3 nodes");
        await page.Button("Close").ClickAsync();
        Assert.Equal(HandshakeKind.Full, await client.ComeBackAsync());
        await DashboardPage.ShowsAsync(page.Activity("purge sessions", "stateful"), "ok");

        var reason = page.Decline("store_miss");
        await Expect(reason.Locator("td").Nth(1)).ToHaveTextAsync(new Regex("[1-9]"), new() { Timeout = DashboardPage.Patience });
        await DashboardPage.ShowsAsync(reason, "Not in Redis");
    }

    [Fact]
    public async Task Purge_OfAll_NeedsTheWord()
    {
        await using var page = await cluster.SignedInAsync();
        using var client = new ReturningClient(cluster, "stateful.reprise.test");
        await client.BeginAsync();

        await page.Button("Purge all stored sessions").ClickAsync();
        await Expect(page.Button("Purge all")).ToBeDisabledAsync();
        await page.Page.GetByLabel("Type all to confirm").FillAsync("all");
        await page.Button("Purge all").ClickAsync();

        await DashboardPage.ShowsAsync(page.Status, "All stored sessions are purged: acknowledged by all 3 nodes");
        Assert.Equal(HandshakeKind.Full, await client.ComeBackAsync());
    }

    [Fact]
    public async Task Dialog_ThatIsCancelled_DoesNothing()
    {
        await using var page = await cluster.SignedInAsync();
        using var client = new ReturningClient(cluster, "stateful.reprise.test");
        await client.BeginAsync();
        var posts = 0;
        page.Page.Request += (_, request) => posts += request.Method == "POST" ? 1 : 0;

        await page.Button("Purge stored sessions of stateful").ClickAsync();
        await page.Button("Cancel").ClickAsync();
        await page.Button("Purge stored sessions of stateful").ClickAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Dialog).ToBeHiddenAsync();

        Assert.Equal(HandshakeKind.Resumed, await client.ComeBackAsync());
        Assert.Equal(0, posts);
    }
}
