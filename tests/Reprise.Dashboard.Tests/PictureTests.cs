using Microsoft.Playwright;
using Reprise.Dashboard.Tests.Harness;
using Reprise.Testing;
using static Microsoft.Playwright.Assertions;

namespace Reprise.Dashboard.Tests;

/// <summary>The README's pictures. With <c>REPRISE_WRITE_PICTURES=1</c> they are taken anew, of a cluster that works.</summary>
[Collection(DashboardCluster.Collection)]
public sealed class PictureTests(DashboardCluster cluster)
{
    private static readonly (string Name, int Width, int Height, ColorScheme Scheme)[] Pictures =
        [("dashboard-light", 1280, 830, ColorScheme.Light), ("dashboard-dark", 1280, 830, ColorScheme.Dark), ("dashboard-narrow", 390, 1130, ColorScheme.Light)];

    [Fact]
    public async Task Pictures_OfTheReadme_AreThereAndSmall()
    {
        if (Environment.GetEnvironmentVariable("REPRISE_WRITE_PICTURES") == "1")
            await TakeAsync();

        var readme = await File.ReadAllTextAsync(RepositoryRoot.File("README.md"), TestContext.Current.CancellationToken);
        Assert.All(Pictures, picture =>
        {
            Assert.Contains($"deploy/pictures/{picture.Name}.png", readme, StringComparison.Ordinal);
            Assert.InRange(new FileInfo(PathOf(picture.Name)).Length, 10_000, 200_000);
        });
    }

    private async Task TakeAsync()
    {
        await using var load = await ClientLoad.StartAsync(cluster);
        foreach (var (name, width, height, scheme) in Pictures)
        {
            await using var page = await cluster.SignedInAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme });
            await page.RotateAsync();
            for (var i = 0; i < 30; i++)
                await load.GoesOnAsync();
            await Expect(page.Page.Locator("#resumption")).ToContainTextAsync("%", new() { Timeout = DashboardPage.Patience });
            await page.Page.ScreenshotAsync(new() { Path = PathOf(name) });
        }
    }

    private static string PathOf(string name) => RepositoryRoot.File("deploy", "pictures", $"{name}.png");
}
