using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using Reprise.Testing;

namespace Reprise.Dashboard.Tests.Harness;

/// <summary>One <c>reprise up</c> for all tests here, which run one after the other, and one browser.</summary>
public sealed class DashboardCluster : IAsyncLifetime
{
    public const string Collection = "dashboard";

    public static readonly string[] Edges = ["edge-1", "edge-2", "edge-3"];

    private static readonly string? Chromium = new[] { "/usr/bin/chromium-headless-shell", "/usr/bin/chromium" }.FirstOrDefault(File.Exists);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TemporaryDirectory _directory = new();
    private NodeProcess? _process;
    private JsonElement _description;
    private IPlaywright? _playwright;

    /// <summary>Debian's Chromium.</summary>
    public IBrowser Browser { get; private set; } = null!;

    /// <summary><c>https://127.0.0.1:PORT</c> of the first key service's dashboard.</summary>
    public string Address { get; private set; } = null!;

    /// <summary>What signs in.</summary>
    public string Token { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (Chromium is null)
            return; // each test says so
        _process = NodeProcess.Start(
            "Reprise.Cli",
            ["up", "--edges", "3", "--key-services", "2", "--data", Data(), "--port", FreePort.NextRange(3).ToString(CultureInfo.InvariantCulture)],
            new Dictionary<string, string>
            {
                // As in the tests of `up`: what nodes give their store need not be enough on a machine that builds and tests at the same time.
                ["Sessions__LookupBudget"] = "00:00:02",
                ["Sessions__StoreBudget"] = "00:00:02",
                // A node that stands still is waited for so long.
                ["Rotation__AcknowledgeTimeout"] = "00:00:05",
                ["Rotation__MinimumSpacing"] = "00:00:00",
            },
            _directory.Path);
        await _process.WaitReadyAsync(Data("cluster.json"), Patience);
        _description = JsonElement.Parse(await File.ReadAllTextAsync(Data("cluster.json")));
        Address = $"https://{_description.GetProperty("keyService")[0].GetProperty("dashboard").GetString()}";
        Token = (await File.ReadAllTextAsync(Data("pki", "dashboard.token"))).Trim();

        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium,
            // Its sandbox wants a user who is not root.
            ChromiumSandbox = false,
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        _playwright?.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>A file of the cluster's folder.</summary>
    public string Data(params ReadOnlySpan<string> parts) => _directory.File(["data", .. parts]);

    /// <summary>Its TLS port, on 127.0.0.1.</summary>
    public int PortOf(string edge) => int.Parse(Edge(edge).GetProperty("tls").GetString()!.Split(':')[^1], CultureInfo.InvariantCulture);

    public int PidOf(string edge) => Edge(edge).GetProperty("pid").GetInt32();

    /// <summary>A command of the CLI; it must not fail.</summary>
    public async Task CommandAsync(params string[] arguments)
    {
        await using var run = await NodeProcess.RunAsync("Reprise.Cli", [.. arguments, "--cluster", Data("cluster.json")]);
        Assert.True(run.ExitCode == 0, run.Output);
    }

    /// <summary>A page of a browser that nobody has used before.</summary>
    public Task<DashboardPage> NewPageAsync(BrowserNewContextOptions? options = null)
    {
        Assert.SkipUnless(Browser is not null, "needs Debian's chromium-headless-shell");
        return DashboardPage.NewAsync(this, options ?? new());
    }

    /// <summary>One that has signed in by token and shows the nodes.</summary>
    public async Task<DashboardPage> SignedInAsync(BrowserNewContextOptions? options = null)
    {
        var page = await NewPageAsync(options);
        await page.SignInAsync();
        return page;
    }

    private JsonElement Edge(string name) => _description.GetProperty("edges").EnumerateArray().Single(edge => edge.GetProperty("name").GetString() == name);
}

[CollectionDefinition(DashboardCluster.Collection)]
public sealed class DashboardDefinition : ICollectionFixture<DashboardCluster>;
