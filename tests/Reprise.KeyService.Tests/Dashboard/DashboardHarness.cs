using Reprise.KeyService.Tests.Harness;

namespace Reprise.KeyService.Tests.Dashboard;

/// <summary>A key service with a dashboard and a token.</summary>
internal sealed class DashboardHarness : IAsyncDisposable
{
    public const string Token = "a-token-of-this-test-and-of-nothing-else";

    private readonly List<Browser> _browsers = [];

    private DashboardHarness(KeyServiceHarness service) => Service = service;

    public KeyServiceHarness Service { get; }

    public static async Task<DashboardHarness> StartAsync(TimeProvider? time = null, params (string Key, string Value)[] settings)
    {
        var harness = new DashboardHarness(await KeyServiceHarness.StartAsync(
            time, prepare: files => File.WriteAllText(Path.Combine(files, "token"), Token + "\n"), [("Dashboard:Listen", "127.0.0.1:0"), ("Dashboard:TokenFile", "token"), .. settings]));
        return harness;
    }

    /// <summary>A browser, with a certificate if one is named: <c>admin</c>, <c>edge-1</c>.</summary>
    public Browser Browser(string? certificate = null)
    {
        var browser = new Browser(Service.Dashboard!, certificate is null ? null : System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(
            Service.File($"{certificate}.crt"), Service.File($"{certificate}.key")));
        _browsers.Add(browser);
        return browser;
    }

    /// <summary>A browser that is signed in by token, with the page loaded.</summary>
    public async Task<Browser> SignedInAsync()
    {
        var browser = Browser();
        using var answer = await browser.SignInAsync(Token);
        Assert.Equal(System.Net.HttpStatusCode.Redirect, answer.StatusCode);
        using var page = await browser.GetAsync("/");
        Assert.Equal(System.Net.HttpStatusCode.OK, page.StatusCode);
        return browser;
    }

    public async ValueTask DisposeAsync()
    {
        _browsers.ForEach(browser => browser.Dispose());
        await Service.DisposeAsync();
    }
}
