using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Traces;

/// <summary>OTLP by both protocols; and a collector that is at fault costs no handshake, and no stop.</summary>
public sealed class ExportTests(EdgeWorld world)
{
    [Theory]
    [InlineData("HttpProtobuf")]
    [InlineData("Grpc")]
    public async Task Export_ByEachProtocol_HasMetricsTracesAndHeaders(string protocol)
    {
        await using var collector = await Collector.StartAsync(grpc: protocol == "Grpc");
        await using var edge = await StartAsync(collector.Address, settings => settings
            .With("Telemetry:Protocol", protocol).With("Telemetry:HeadersFile", File("X-Key: from-a-file\n\n")).With("Telemetry:MetricsInterval", "00:00:01"));
        await edge.VisitAsync("1.3", EdgeSettings.Stateless);

        await collector.SpanAsync(span => span.Name == "tls.handshake");
        await Eventually.TrueAsync(() => collector.Metrics.Contains("reprise.handshakes") && collector.Metrics.Contains("reprise.handshake.duration"));

        Assert.All(collector.Keys, key => Assert.Equal("from-a-file", key));
        await edge.MetricsSayAsync(now => now.Sum("reprise_telemetry_exports_total", ("result", "ok")) >= 2);
        Assert.DoesNotContain("from-a-file", edge.Process.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HttpProtobuf", true)]
    [InlineData("Grpc", true)]
    [InlineData("HttpProtobuf", false)]
    public async Task Export_WithTls_GoesToACollectorOfTheAuthorityOnly(string protocol, bool trusted)
    {
        using var certificate = X509Certificate2.CreateFromPemFile(world.File("pki/site.crt"), world.File("pki/site.key"));
        await using var collector = await Collector.StartAsync(protocol == "Grpc", certificate);
        await using var edge = await StartAsync(collector.Address, settings =>
        {
            settings.With("Telemetry:Protocol", protocol).With("Telemetry:MetricsInterval", "00:00:01");
            return trusted ? settings.With("Telemetry:CertificateAuthorityFile", world.CaFile) : settings;
        });

        await edge.MetricsSayAsync(now => now.Sum("reprise_telemetry_exports_total", ("result", trusted ? "ok" : "failed")) >= 2);

        Assert.Equal(trusted, collector.Metrics.Any());
        Assert.Equal(!trusted, edge.Process.Lines.Any(line => line.Contains("takes no telemetry", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Export_OfAKeyService_HasItsMetrics()
    {
        await using var collector = await Collector.StartAsync();
        await using var keys = await world.StartKeyServiceAsync(
            name: "keys-2", telemetry: new JsonObject { ["Endpoint"] = collector.Address, ["MetricsInterval"] = "00:00:01" });

        await Eventually.TrueAsync(() => collector.Metrics.Contains("reprise.keys.rotation.due") && collector.Metrics.Contains("reprise.keys.sealing.epoch"));
    }

    [Fact]
    public async Task Export_MetricsSwitchedOff_HasTracesOnly()
    {
        await using var collector = await Collector.StartAsync();
        await using (var edge = await StartAsync(collector.Address, settings => settings.With("Telemetry:Metrics", false).With("Telemetry:MetricsInterval", "00:00:01")))
        {
            await edge.VisitAsync("1.3", EdgeSettings.Stateless);
            await collector.SpanAsync(span => span.Name == "tls.handshake");
            Assert.Equal(0, await edge.Process.TerminateAsync()); // which would flush them
        }

        Assert.Empty(collector.Metrics);
    }

    [Fact]
    public async Task Stop_WithSpansWaiting_SendsThem()
    {
        await using var collector = await Collector.StartAsync();
        await using var edge = await StartAsync(collector.Address, settings => settings);
        var visit = await edge.VisitAsync("1.2", EdgeSettings.Stateless);
        Assert.Equal(HandshakeKind.Full, visit.Kind);

        Assert.Equal(0, await edge.Process.TerminateAsync());

        Assert.Contains(collector.Spans, span => span.Name == "tls.handshake" && span["tls.protocol.version"] == "1.2");
    }

    // Away: connections are refused. Silent: they are taken, and nothing is answered.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Collector_AtFault_CostsNoHandshakeAndIsToldOnce(bool silent)
    {
        await using var collector = await Collector.StartAsync();
        await using var relay = TcpRelay.Start(new Uri(collector.Address).Port);
        await using var edge = await StartAsync($"http://{relay.Address}", settings => settings
            .With("Telemetry:Timeout", "00:00:01").With("Telemetry:MetricsInterval", "00:00:01"));
        await edge.MetricsSayAsync(now => now.Sum("reprise_telemetry_exports_total", ("result", "ok")) > 0);
        if (silent)
            relay.Stalled = true;
        else
            relay.Refuse();
        relay.CutAll();
        await edge.MetricsSayAsync(now => now.Sum("reprise_telemetry_exports_total", ("result", "failed")) >= 3);

        var session = world.File($"faulty-collector-{silent}.pem");
        await edge.VisitAsync("1.3", EdgeSettings.Stateful, keep: session);
        Assert.Equal(HandshakeKind.Resumed, (await edge.VisitAsync("1.3", EdgeSettings.Stateful, offer: session)).Kind);
        Assert.Single(edge.Process.Lines, line => line.Contains("takes no telemetry", StringComparison.Ordinal));

        relay.Stalled = false;
        relay.Accept();
        await edge.VisitAsync("1.2", EdgeSettings.Stateless);
        await collector.SpanAsync(span => span["tls.protocol.version"] == "1.2");
        await Eventually.TrueAsync(() => edge.Process.Lines.Any(line => line.Contains("takes telemetry again", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Stop_WhileTheCollectorIsSilent_IsNotHeldUp()
    {
        await using var collector = await Collector.StartAsync();
        await using var relay = TcpRelay.Start(new Uri(collector.Address).Port);
        await using var edge = await StartAsync($"http://{relay.Address}", settings => settings.With("Telemetry:Timeout", "00:00:01").With("Edge:DrainTimeout", "00:00:01"));
        relay.Stalled = true;
        await edge.VisitAsync("1.3", EdgeSettings.Stateless);

        var since = Stopwatch.StartNew();
        Assert.Equal(0, await edge.Process.TerminateAsync());

        Assert.True(since.Elapsed < TimeSpan.FromSeconds(20), $"{since.Elapsed}"); // what container engines wait for, at most
    }

    private string File(string text)
    {
        var path = world.File($"headers-{Guid.NewGuid():n}");
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    private Task<EdgeNode> StartAsync(string endpoint, Func<JsonObject, JsonObject> change) =>
        world.StartEdgeAsync(change(world.Settings("edge-4").With("Telemetry:Endpoint", endpoint).With("Telemetry:TracesSampleRatio", 1)));
}
