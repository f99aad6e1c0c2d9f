using System.Text.Json;
using System.Text.RegularExpressions;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Management;

/// <summary>deploy/observability: rules and dashboard are of a form that Prometheus takes, and every alert is tested and explained.</summary>
public sealed partial class RulesTests
{
    private static readonly string s_rules = File.ReadAllText(Path("rules.yml"));
    private static readonly string s_tests = File.ReadAllText(Path("rules_test.yml"));

    public static TheoryData<string> Alerts => [.. Alert().Matches(s_rules).Select(alert => alert.Groups[1].Value)];

    [Theory]
    [InlineData("check", "rules", "rules.yml")]
    [InlineData("test", "rules", "rules_test.yml")]
    [InlineData("check", "config", "--syntax-only", "prometheus.yml")]
    public async Task Promtool_OnWhatIsShipped_IsContent(params string[] arguments)
    {
        Assert.SkipUnless(Promtool.IsInstalled, "promtool is not installed");

        var (exit, said) = await Promtool.RunAsync([.. arguments[..^1], Path(arguments[^1])]);

        Assert.True(exit == 0, said);
    }

    [Theory]
    [MemberData(nameof(Alerts))]
    public void Alert_Always_IsProvokedInATestAndSilentInOne(string alert)
    {
        Assert.Matches($@"alertname: {alert}, eval_time: \w+, exp_alerts: \[\]", s_tests);
        Assert.Matches($@"alertname: {alert}\s+eval_time: \w+\s+exp_alerts:\s+- exp_labels", s_tests);
    }

    [Theory]
    [MemberData(nameof(Alerts))]
    public void Alert_Always_HasSummaryDescriptionAndASectionOfTheRunbook(string alert)
    {
        var rule = s_rules[s_rules.IndexOf($"- alert: {alert}\n", StringComparison.Ordinal)..].Split("\n\n")[0];

        Assert.Matches(@"(?m)^\s+summary: "".+""$", rule);
        Assert.Matches(@"(?m)^\s+description: "".+""$", rule);
        Assert.Contains($"runbook: deploy/observability/README.md#{alert.ToLowerInvariant()}\n", rule + "\n", StringComparison.Ordinal);
        Assert.Contains($"\n### {alert}\n", File.ReadAllText(Path("README.md")), StringComparison.Ordinal);
    }

    // As recording rules, which is the form in which promtool judges expressions.
    [Fact]
    public async Task Dashboard_Expressions_Parse()
    {
        Assert.SkipUnless(Promtool.IsInstalled, "promtool is not installed");
        var expressions = DashboardExpressions().Select(Plain).ToList();
        using var files = new TemporaryDirectory();
        var rules = JsonSerializer.Serialize(new { groups = new[] { new { name = "dashboard", rules = expressions.Select((expr, i) => new { record = $"dashboard:{i}", expr }) } } });

        var (exit, said) = await Promtool.RunAsync(["check", "rules", files.Write("dashboard.yml", rules)]); // JSON is YAML

        Assert.True(exit == 0, said);
        Assert.True(expressions.Count > 40);
    }

    [Fact]
    public void Dashboard_Panels_HaveTitlesOfTheirOwnAndDoNotOverlap()
    {
        using var dashboard = Dashboard();
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();

        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("title").GetString()).Distinct().Count());
        var cells = panels.SelectMany(panel =>
        {
            var at = panel.GetProperty("gridPos");
            var (x, y, w, h) = (at.GetProperty("x").GetInt32(), at.GetProperty("y").GetInt32(), at.GetProperty("w").GetInt32(), at.GetProperty("h").GetInt32());
            Assert.True(x + w <= 24);
            return from i in Enumerable.Range(x, w) from j in Enumerable.Range(y, h) select (i, j);
        }).ToList();
        Assert.Equal(cells.Count, cells.Distinct().Count());
    }

    /// <summary>All names of ours in rules and dashboard, as they are exported.</summary>
    internal static IEnumerable<string> Names() => Name().Matches(s_rules + string.Join('\n', DashboardExpressions())).Select(name => name.Value).Distinct();

    internal static string Path(string file) => RepositoryRoot.File("deploy", "observability", file);

    private static JsonDocument Dashboard() => JsonDocument.Parse(File.ReadAllText(Path("grafana/reprise.json")));

    private static List<string> DashboardExpressions()
    {
        using var dashboard = Dashboard();
        return [.. Expressions(dashboard.RootElement)];
    }

    private static IEnumerable<string> Expressions(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => property.Name == "expr" ? [property.Value.GetString()!] : Expressions(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Expressions),
        _ => [],
    };

    // As Grafana fills it in.
    private static string Plain(string expression) => expression
        .Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$__range", "1h", StringComparison.Ordinal).Replace("$node", ".*", StringComparison.Ordinal);

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"\breprise_[a-z0-9_]+")]
    private static partial Regex Name();
}
