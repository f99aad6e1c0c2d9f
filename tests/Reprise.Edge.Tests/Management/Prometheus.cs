using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Management;

/// <summary>A real Prometheus with the shipped configuration and rules, but for where nodes are, and that it is in a hurry.</summary>
internal sealed partial class Prometheus : IAsyncDisposable
{
    public const string Program = "/usr/bin/prometheus";

    private readonly TemporaryDirectory _files = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly Process _process;

    private Prometheus(IEnumerable<string> edges, IEnumerable<string> keyServices)
    {
        var port = FreePort.Next();
        _http.BaseAddress = new Uri($"http://127.0.0.1:{port}");
        var rules = _files.Write("rules.yml", Patience().Replace(File.ReadAllText(RulesTests.Path("rules.yml")), "for: 1s"));
        var config = File.ReadAllText(RulesTests.Path("prometheus.yml"))
            .Replace("/etc/reprise/rules.yml", rules, StringComparison.Ordinal).Replace("interval: 10s", "interval: 1s", StringComparison.Ordinal)
            .Replace("\"edge-1:9090\", \"edge-2:9090\", \"edge-3:9090\"", Quote(edges), StringComparison.Ordinal)
            .Replace("\"keys-1:9090\", \"keys-2:9090\"", Quote(keyServices), StringComparison.Ordinal);
        _process = Process.Start(new ProcessStartInfo(Program, [
            $"--config.file={_files.Write("prometheus.yml", config)}", $"--storage.tsdb.path={_files.File("data")}", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]))!;
    }

    public static async Task<Prometheus> StartAsync(IEnumerable<string> edges, IEnumerable<string> keyServices)
    {
        var prometheus = new Prometheus(edges, keyServices);
        await Eventually.TrueAsync(async () => await prometheus.TryAsync("/api/v1/targets") is not null, TimeSpan.FromSeconds(60));
        return prometheus;
    }

    /// <summary>How many targets answer.</summary>
    public async Task<int> TargetsUpAsync()
    {
        using var answer = await TryAsync("/api/v1/targets");
        return answer?.RootElement.GetProperty("data").GetProperty("activeTargets").EnumerateArray().Count(target => target.GetProperty("health").GetString() == "up") ?? 0;
    }

    /// <summary>The alerts that fire: name, and what they name.</summary>
    public async Task<IReadOnlyList<(string Name, string Summary)>> FiringAsync()
    {
        using var answer = await TryAsync("/api/v1/alerts");
        return [.. from alert in answer!.RootElement.GetProperty("data").GetProperty("alerts").EnumerateArray()
                   where alert.GetProperty("state").GetString() == "firing"
                   select (alert.GetProperty("labels").GetProperty("alertname").GetString()!, alert.GetProperty("annotations").GetProperty("summary").GetString()!)];
    }

    public Task FiresAsync(string alert, string about = "") => Eventually.TrueAsync(
        async () => (await FiringAsync()).Any(firing => firing.Name == alert && firing.Summary.Contains(about, StringComparison.Ordinal)), TimeSpan.FromSeconds(60), text: $"{alert} fires");

    public Task EndsAsync(string alert) => Eventually.TrueAsync(async () => (await FiringAsync()).All(firing => firing.Name != alert), TimeSpan.FromSeconds(60), text: $"{alert} ends");

    /// <summary>Of all metrics that were ever scraped or recorded.</summary>
    public async Task<IReadOnlySet<string>> NamesAsync()
    {
        using var answer = await TryAsync("/api/v1/label/__name__/values");
        return answer!.RootElement.GetProperty("data").EnumerateArray().Select(name => name.GetString()!).ToHashSet();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
        _files.Dispose();
    }

    private async Task<JsonDocument?> TryAsync(string path)
    {
        try
        {
            return JsonDocument.Parse(await _http.GetStringAsync(new Uri(path, UriKind.Relative)));
        }
        catch (HttpRequestException)
        {
            return null; // not yet
        }
    }

    private static string Quote(IEnumerable<string> addresses) => string.Join(", ", addresses.Select(address => $"\"{address}\""));

    [GeneratedRegex(@"for: \d+m")]
    private static partial Regex Patience();
}
