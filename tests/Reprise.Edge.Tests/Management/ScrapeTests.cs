using System.Text.RegularExpressions;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Management;

/// <summary>What Prometheus gets: the metrics of DESIGN §10, in the form that its own tool asks for.</summary>
[Collection(TwoEdges.Collection)]
public sealed partial class ScrapeTests(TwoEdges edges)
{
    [Fact]
    public async Task Scrape_OfBothProcesses_PassesPromtool()
    {
        Assert.SkipUnless(Promtool.IsInstalled, "promtool is not installed");
        await ResumeAsync();

        foreach (var scrape in (string[])[(await edges.One.MetricsAsync()).Text, await KeyServiceScrapeAsync()])
        {
            var (exit, said) = await Promtool.RunAsync(["check", "metrics"], scrape);
            Assert.True(exit == 0, said);
        }
    }

    [Theory]
    [InlineData("reprise_handshakes_total", "counter", "protocol", "mode", "result")]
    [InlineData("reprise_declines_total", "counter", "reason")]
    [InlineData("reprise_resumptions_total", "counter", "issuer", "node")]
    [InlineData("reprise_handshake_duration_seconds", "histogram", "protocol", "mode")]
    [InlineData("reprise_store_lookup_duration_seconds", "histogram", "result")]
    [InlineData("reprise_store_write_duration_seconds", "histogram", "result")]
    [InlineData("reprise_session_age_seconds", "histogram", "mode")]
    [InlineData("reprise_epoch_sealing", "gauge")]
    [InlineData("reprise_keyring_generation", "gauge")]
    [InlineData("reprise_exposure_window_seconds", "gauge", "profile")]
    [InlineData("reprise_store_breaker", "gauge", "calls")]
    public async Task Scrape_OfANode_HasTheAgreedMetrics(string name, string type, params string[] labels)
    {
        await ResumeAsync();

        var scrape = (await edges.One.MetricsAsync()).Text;

        Assert.Contains($"# TYPE {name} {type}\n", scrape, StringComparison.Ordinal);
        Assert.Matches($"# HELP {name} \\S+", scrape);
        // Of a histogram the count: its buckets have a label of their own.
        var samples = scrape.Split('\n').Where(line => line.StartsWith(type == "histogram" ? $"{name}_count" : name, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(samples);
        Assert.All(samples, sample => Assert.Equal(
            labels.Order(StringComparer.Ordinal),
            Label().Matches(sample).Select(label => label.Groups[1].Value).Where(label => label != "otel_scope_name").Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("reprise_keys_sealing_epoch")]
    [InlineData("reprise_keys_sealing_left_seconds")]
    [InlineData("reprise_keys_rotation_due_seconds")]
    [InlineData("reprise_keys_exposure_seconds")]
    [InlineData("reprise_keys_leads")]
    [InlineData("reprise_keys_nodes_behind")]
    [InlineData("reprise_keys_nodes_lag_seconds")]
    [InlineData("reprise_keys_audit_lost_total")]
    [InlineData("reprise_keys_rotations_total")]
    public async Task Scrape_OfAKeyService_HasWhatAlertsNeed(string name) =>
        Assert.Matches($"(?m)^{name}\\{{", await KeyServiceScrapeAsync());

    // Prometheus sees no increase in the step from no series to one.
    [Theory]
    [InlineData("reason=\"store_timeout\"")]
    [InlineData("reason=\"client_certificate\"")]
    [InlineData("reason=\"ems\"")]
    public async Task Scrape_DeclineThatNeverWas_IsZero(string reason) =>
        Assert.Matches($"(?m)^reprise_declines_total\\{{[^}}]*{reason}[^}}]*\\}} 0", (await edges.Two.MetricsAsync()).Text);

    [Fact]
    public async Task Scrape_ExposureWindow_IsKeyLifeAndTicketLife()
    {
        var metrics = await edges.One.MetricsAsync();

        // Twice the interval, as nobody has replaced it yet, and the session timeout: 24 h and 1 h.
        Assert.Equal(90000, metrics.Sum("reprise_exposure_window_seconds", ("profile", "stateless")));
        Assert.Equal(0, metrics.Sum("reprise_exposure_window_seconds", ("profile", "stateful"))); // a key alone opens no stored session
    }

    [Fact]
    public async Task Scrape_ResumedSession_HasItsAge()
    {
        var before = (await edges.Two.MetricsAsync()).Sum("reprise_session_age_seconds_count", ("mode", "stateless"));
        await ResumeAsync();

        await edges.Two.MetricsSayAsync(now => now.Sum("reprise_session_age_seconds_count", ("mode", "stateless")) > before);
    }

    // A stateful and a stateless session, each from one node to the other, so that every histogram has seen something.
    private async Task ResumeAsync()
    {
        foreach (var host in (string[])[EdgeSettings.Stateful, EdgeSettings.Stateless])
        {
            foreach (var (first, then) in ((EdgeNode, EdgeNode)[])[(edges.One, edges.Two), (edges.Two, edges.One)])
            {
                var session = edges.World.File($"scrape-{Guid.NewGuid():n}.pem");
                await first.VisitAsync("1.3", host, keep: session);
                Assert.Equal(HandshakeKind.Resumed, (await then.VisitAsync("1.3", host, offer: session)).Kind);
            }
        }
    }

    private async Task<string> KeyServiceScrapeAsync()
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"http://{edges.World.KeyService.Ready.GetProperty("management").GetString()}/metrics"));
    }

    [GeneratedRegex("([a-z_]+)=\"")]
    private static partial Regex Label();
}
