using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Reprise.Dashboard.Tests.Harness;

/// <summary>A browser's page. At its end it must not have written an error, broken its policy or asked anything of another host.</summary>
public sealed class DashboardPage : IAsyncDisposable
{
    /// <summary>For what other processes do, on a machine that builds and tests at the same time.</summary>
    public const float Patience = 30_000;

    private const string NetworkChanged = "ERR_NETWORK_CHANGED";

    private readonly DashboardCluster _cluster;
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _faults = new();

    private DashboardPage(DashboardCluster cluster, IBrowserContext context, IPage page)
    {
        (_cluster, _context, Page) = (cluster, context, page);
        Address = cluster.Address;
        page.Console += (_, message) => Note(message);
        page.PageError += (_, error) => _faults.Enqueue(error);
        page.Request += (_, request) => NoteForeign(request.Url);
    }

    public IPage Page { get; }

    /// <summary>Where the dashboard is taken to be.</summary>
    public string Address { get; set; }

    /// <summary>Set where requests are meant to fail: the browser writes each of them to its console.</summary>
    public bool RequestsMayFail { get; set; }

    public ILocator Status => Page.Locator("#operation-status");

    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    public static async Task<DashboardPage> NewAsync(DashboardCluster cluster, BrowserNewContextOptions options)
    {
        options.IgnoreHTTPSErrors = true; // the authority is made for each run
        var context = await cluster.Browser.NewContextAsync(options);
        context.SetDefaultTimeout(Patience);
        return new(cluster, context, await context.NewPageAsync());
    }

    public async Task OpenAsync()
    {
        // Containers that come and go beside us make Chromium give up what it loads.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Page.GotoAsync(Address + "/");
                return;
            }
            catch (PlaywrightException failure) when (attempt < 5 && failure.Message.Contains(NetworkChanged, StringComparison.Ordinal))
            {
            }
        }
    }

    public async Task SignInAsync()
    {
        await OpenAsync();
        await Page.GetByLabel("token").FillAsync(_cluster.Token);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await ShowsAsync(Page.Locator("#connection"), "Live");
        foreach (var edge in DashboardCluster.Edges)
            await ShowsAsync(Node(edge), "up to date");
    }

    /// <summary>Its line among the nodes.</summary>
    public ILocator Node(string name) => Line("#nodes", name);

    public ILocator Epoch(string number) => Line("#epochs", number);

    public ILocator Profile(string name) => Line("#profiles", name);

    public ILocator Decline(string reason) => Line("#declines", reason);

    /// <summary>What a node has done of the operation under way, by step.</summary>
    public ILocator Step(string node, int step) => Line("#operation-nodes", node).Locator("td").Nth(step);

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Numbers of the epochs whose state is this, newest first.</summary>
    public async Task<IReadOnlyList<string>> EpochsAsync(string state) =>
        await Page.Locator("#epochs tr").Filter(new() { HasText = state }).Locator("th").AllInnerTextsAsync();

    public async Task<string> SealingAsync() => Assert.Single(await EpochsAsync("active, seals"));

    /// <summary>Rotates by the page's button, and waits for every node.</summary>
    /// <returns>The new epoch.</returns>
    public async Task<string> RotateAsync()
    {
        var before = await SealingAsync();
        await Button("Rotate keys").ClickAsync();
        await ShowsAsync(Status, "acknowledged by all 3 nodes");
        await Button("Close").ClickAsync();
        await ShowsAsync(Epoch(before), "retired, opens");
        return await SealingAsync();
    }

    /// <summary>The newest line of the activity that says this.</summary>
    public ILocator Activity(string action, string target) =>
        Page.Locator("#audit tr").Filter(new() { HasText = action }).Filter(new() { HasText = target }).First;

    public static Task ShowsAsync(ILocator place, string text) => Expect(place).ToContainTextAsync(text, new() { Timeout = Patience });

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Empty(_faults);
    }

    private ILocator Line(string table, string header) =>
        Page.Locator($"{table} tr").Filter(new() { Has = Page.Locator("th").GetByText(header, new() { Exact = true }) });

    private void Note(IConsoleMessage message)
    {
        var excused = (RequestsMayFail && message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)) || message.Text.Contains(NetworkChanged, StringComparison.Ordinal);
        if (message.Type is "error" or "warning" && !excused)
            _faults.Enqueue($"{message.Type}: {message.Text}");
    }

    private void NoteForeign(string url)
    {
        if (!url.StartsWith(Address + "/", StringComparison.Ordinal) && !url.StartsWith("data:", StringComparison.Ordinal))
            _faults.Enqueue($"request of {url}");
    }
}
