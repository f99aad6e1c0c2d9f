using System.Globalization;
using System.Text.RegularExpressions;
using Reprise.Dashboard.Tests.Harness;
using Reprise.Testing;
using static Microsoft.Playwright.Assertions;

namespace Reprise.Dashboard.Tests;

/// <summary>The rotation by the page's button.</summary>
[Collection(DashboardCluster.Collection)]
public sealed class RotationTests(DashboardCluster cluster)
{
    [Fact]
    public async Task Rotate_UnderLoad_IsAcknowledgedByEveryNodeAndNoHandshakeFails()
    {
        await using var page = await cluster.SignedInAsync();
        await using var load = await ClientLoad.StartAsync(cluster);
        var before = await page.SealingAsync();

        await page.Button("Rotate keys").ClickAsync();

        await DashboardPage.ShowsAsync(page.Status, "acknowledged by all 3 nodes");
        foreach (var edge in DashboardCluster.Edges)
        {
            await Expect(page.Step(edge, 0)).ToHaveTextAsync(Milliseconds());
            await Expect(page.Step(edge, 1)).ToHaveTextAsync(Milliseconds());
        }

        await page.Button("Close").ClickAsync();
        await DashboardPage.ShowsAsync(page.Epoch(before), "retired, opens");
        var sealing = await page.SealingAsync();
        Assert.True(Number(sealing) > Number(before));
        await DashboardPage.ShowsAsync(page.Page.Locator("#sealing"), sealing);
        await DashboardPage.ShowsAsync(page.Activity("rotate", $"epoch {sealing}"), "ok");
        await load.GoesOnAsync();
        Assert.Empty(load.Failures);

        // What the clients do is seen: each node's rate, and whose sessions it resumes.
        foreach (var edge in DashboardCluster.Edges)
        {
            await Expect(page.Node(edge).Locator("td").Nth(2)).ToHaveTextAsync(NotZero(), new() { Timeout = DashboardPage.Patience });
            await Expect(page.Node(edge).Locator("td").Nth(3)).ToContainTextAsync("%", new() { Timeout = DashboardPage.Patience });
        }

        await Expect(page.Page.Locator("#matrix td:not(.own):not(.heat-0)")).ToHaveCountAsync(6, new() { Timeout = DashboardPage.Patience });
        await DashboardPage.ShowsAsync(page.Page.Locator("#matrix-note"), "of a session that another node had issued");
    }

    [Fact]
    public async Task Rotate_WithANodeThatStandsStill_NamesItUntilItGoesOn()
    {
        await using var page = await cluster.SignedInAsync();
        var before = await page.SealingAsync();
        await Signal.SendAsync(cluster.PidOf("edge-3"), "STOP");
        try
        {
            await page.Button("Rotate keys").ClickAsync();

            await DashboardPage.ShowsAsync(page.Node("edge-3"), "lagging for");
            await DashboardPage.ShowsAsync(page.Page.Locator("#live-nodes-note"), "lagging: edge-3");
            await Expect(page.Page).ToHaveTitleAsync(new Regex(@"^\(1 lagging\) "));
            await DashboardPage.ShowsAsync(page.Step("edge-3", 0), "no answer in time");
            await DashboardPage.ShowsAsync(page.Status, "edge-3 has not acknowledged it");
            await Expect(page.Step("edge-1", 1)).ToHaveTextAsync(Milliseconds());
            await DashboardPage.ShowsAsync(page.Node("edge-1"), "up to date");
            await DashboardPage.ShowsAsync(page.Activity("rotate", "epoch"), "laggards");
        }
        finally
        {
            await Signal.SendAsync(cluster.PidOf("edge-3"), "CONT");
        }

        await DashboardPage.ShowsAsync(page.Node("edge-3"), "up to date");
        await DashboardPage.ShowsAsync(page.Page.Locator("#live-nodes-note"), "none lags");
        Assert.NotEqual(before, await page.SealingAsync());
    }

    // Somebody else's rotation is refused while one runs: what the key service says is what the page says.
    [Fact]
    public async Task Rotate_WhileAnotherRuns_SaysWhyNot()
    {
        await using var page = await cluster.SignedInAsync();
        await using var other = await cluster.SignedInAsync();
        await Signal.SendAsync(cluster.PidOf("edge-3"), "STOP");
        try
        {
            await other.Button("Rotate keys").ClickAsync();
            await DashboardPage.ShowsAsync(other.Status, "is staged");
            page.RequestsMayFail = true; // it is answered with an error, or not at all before the other's end
            await page.Button("Rotate keys").ClickAsync();
            await DashboardPage.ShowsAsync(page.Status, "is running");
        }
        finally
        {
            await Signal.SendAsync(cluster.PidOf("edge-3"), "CONT");
        }

        await Expect(other.Status).ToHaveClassAsync(new Regex("good|warn"), new() { Timeout = DashboardPage.Patience });
        await DashboardPage.ShowsAsync(page.Node("edge-3"), "up to date");
    }

    private static Regex Milliseconds() => new(@"^[0-9.,]+ (ms|s)$");

    private static Regex NotZero() => new("[1-9]");

    private static long Number(string epoch) => long.Parse(epoch, CultureInfo.InvariantCulture);
}
