using System.Net;

namespace Reprise.KeyService.Tests.Dashboard;

public sealed class AnswerTests
{
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    [Theory]
    [InlineData("/sign-in", HttpStatusCode.OK, "no-store")]
    [InlineData("/", HttpStatusCode.Redirect, "no-store")]
    [InlineData("/api/state", HttpStatusCode.Unauthorized, "no-store")]
    [InlineData("/nowhere", HttpStatusCode.NotFound, "no-store")]
    [InlineData("/assets/app.js", HttpStatusCode.OK, "no-cache")]
    [InlineData("/assets/nowhere.js", HttpStatusCode.NotFound, null)]
    [InlineData("/assets/..%2f..%2fappsettings.json", HttpStatusCode.NotFound, null)]
    public async Task Answer_OfAnyKind_TellsTheBrowserWhatItMayDo(string path, HttpStatusCode status, string? caching)
    {
        await using var dashboard = await DashboardHarness.StartAsync();

        using var answer = await dashboard.Browser().GetAsync(path);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(ContentPolicy, Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Equal(caching, answer.Headers.CacheControl?.ToString());
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Cookies_OfASession_StayInThisBrowserAndOfThisHost()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = dashboard.Browser();

        using var page = await browser.GetAsync("/sign-in");
        using var signIn = await browser.SignInAsync(DashboardHarness.Token);

        var cookies = page.Headers.GetValues("Set-Cookie").Concat(signIn.Headers.GetValues("Set-Cookie")).Select(cookie => cookie.ToLowerInvariant()).ToList();
        // By its name: browsers do not keep those of two ports apart.
        Assert.Contains(cookies, cookie => cookie.StartsWith("__host-reprise-dashboard-keys-1=", StringComparison.Ordinal));
        Assert.Contains(cookies, cookie => cookie.StartsWith("__host-reprise-forgery-keys-1=", StringComparison.Ordinal));
        Assert.All(cookies, cookie =>
        {
            // Without these a browser does not take a cookie of that prefix.
            Assert.StartsWith("__host-", cookie, StringComparison.Ordinal);
            Assert.Contains("; path=/;", cookie, StringComparison.Ordinal);
            Assert.Contains("; secure", cookie, StringComparison.Ordinal);
            Assert.DoesNotContain("domain=", cookie, StringComparison.Ordinal);
            Assert.Contains("; samesite=strict", cookie, StringComparison.Ordinal);
            Assert.Contains("; httponly", cookie, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("app.js", "text/javascript")]
    [InlineData("style.css", "text/css")]
    [InlineData("icon.svg", "image/svg+xml")]
    public async Task Asset_AskedForAgain_IsNotSentTwice(string name, string type)
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = dashboard.Browser();

        using var first = await browser.GetAsync($"/assets/{name}");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/assets/{name}", UriKind.Relative)) { Version = HttpVersion.Version20 };
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var again = await browser.SendAsync(request);

        Assert.Equal(type, first.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty(await first.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync());
    }
}
