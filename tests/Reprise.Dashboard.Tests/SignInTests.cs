using System.Net;
using Microsoft.Playwright;
using Reprise.Dashboard.Tests.Harness;
using static Microsoft.Playwright.Assertions;

namespace Reprise.Dashboard.Tests;

/// <summary>Who gets in, and how one gets out.</summary>
[Collection(DashboardCluster.Collection)]
public sealed class SignInTests(DashboardCluster cluster)
{
    [Fact]
    public async Task Page_OfSomebodyUnknown_LeadsToTheSignIn()
    {
        await using var page = await cluster.NewPageAsync();

        await page.OpenAsync();

        await Expect(page.Page).ToHaveURLAsync($"{cluster.Address}/sign-in");
        await Expect(page.Page.GetByLabel("token")).ToBeFocusedAsync();
        var state = await page.Page.APIRequest.GetAsync($"{cluster.Address}/api/state", new() { MaxRedirects = 0 });
        Assert.Equal((int)HttpStatusCode.Unauthorized, state.Status);
    }

    [Fact]
    public async Task SignIn_WithAWrongToken_IsRefused()
    {
        await using var page = await cluster.NewPageAsync();
        page.RequestsMayFail = true; // the answer is 401, and a page
        await page.OpenAsync();

        await page.Page.GetByLabel("token").FillAsync(cluster.Token[..^1]);
        await page.Button("Sign in").ClickAsync();

        await DashboardPage.ShowsAsync(page.Page.GetByRole(AriaRole.Alert), "not the token");
        await page.OpenAsync();
        await Expect(page.Page).ToHaveURLAsync($"{cluster.Address}/sign-in");
    }

    [Fact]
    public async Task SignIn_WithTheToken_OpensThePageUntilSignOut()
    {
        await using var page = await cluster.SignedInAsync();
        await Expect(page.Page).ToHaveURLAsync($"{cluster.Address}/");

        await page.Button("Sign out").ClickAsync();

        await Expect(page.Page).ToHaveURLAsync($"{cluster.Address}/sign-in");
        await page.OpenAsync();
        await Expect(page.Page).ToHaveURLAsync($"{cluster.Address}/sign-in");
    }

    [Fact]
    public async Task SignIn_WithAnAdminsCertificate_NeedsNoToken()
    {
        await using var page = await cluster.NewPageAsync(WithCertificate("admin"));

        await page.OpenAsync();

        await DashboardPage.ShowsAsync(page.Node("edge-1"), "up to date");
        await page.RotateAsync();
        await DashboardPage.ShowsAsync(page.Activity("rotate", "epoch"), "admin/admin");
    }

    // Refused in the handshake already: nothing that a node's key signs is an operator's.
    [Fact]
    public async Task SignIn_WithANodesCertificate_IsRefused()
    {
        await using var page = await cluster.NewPageAsync(WithCertificate("edge-1"));

        await Assert.ThrowsAsync<PlaywrightException>(page.OpenAsync);

        Assert.Equal(0, await page.Page.GetByLabel("token").CountAsync());
    }

    // A page of another origin has the cookie sent at most, and never the token of the page.
    [Fact]
    public async Task Action_WithoutThePagesToken_IsRefused()
    {
        await using var page = await cluster.SignedInAsync();
        var before = await page.SealingAsync();

        var answer = await page.Page.APIRequest.PostAsync($"{cluster.Address}/api/rotate", new() { DataObject = new { }, IgnoreHTTPSErrors = true });

        Assert.Equal((int)HttpStatusCode.Forbidden, answer.Status);
        Assert.Equal(before, await page.SealingAsync());
    }

    private BrowserNewContextOptions WithCertificate(string name) => new()
    {
        ClientCertificates = [new() { Origin = cluster.Address, CertPath = cluster.Data("pki", $"{name}.crt"), KeyPath = cluster.Data("pki", $"{name}.key") }],
    };
}
