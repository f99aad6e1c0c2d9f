using Reprise.Edge.Tests.Harness;

namespace Reprise.Edge.Tests.Traces;

/// <summary>W3C Trace Context: what an upstream is told, what a client may say, and that both and the collector speak of the same trace.</summary>
public sealed class RequestTraceTests(TracedEdge traced) : IClassFixture<TracedEdge>
{
    private const string ClientsTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string ClientsSpan = "b7ad6b7169203331";

    private static readonly Uri s_site = new($"https://{EdgeSettings.Stateless}/traced");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_OnATracedConnection_IsOneTraceFromEdgeToUpstream(bool http2)
    {
        using var browser = traced.Edge.Browser(http2);
        var (_, trace, parent, flags) = Parse(UpstreamRequest.Parse(await browser.GetStringAsync(s_site)).Header("traceparent"));

        var server = await traced.Collector.SpanAsync(span => span.TraceId == trace && span.Name == "GET" && span.Scope == "Reprise.Edge");
        var client = await traced.Collector.SpanAsync(span => span.TraceId == trace && span.SpanId == parent);

        Assert.Equal("01", flags);
        Assert.Equal(("", server.SpanId), (server.ParentId, client.ParentId));
        Assert.Equal(("/traced", "200", http2 ? "2" : "1.1", "stateless", "full"),
            (server["url.path"], server["http.response.status_code"], server["network.protocol.version"], server["reprise.profile"], server["reprise.mode"]));
        var link = Assert.Single(server.Links);
        Assert.NotEqual(trace, link.TraceId);
        var handshake = await traced.Collector.SpanAsync(span => span.TraceId == link.TraceId && span.SpanId == link.SpanId);
        Assert.Equal("tls.handshake", handshake.Name);
    }

    [Fact]
    public async Task Request_WithAClientsTrace_BeginsAnother()
    {
        var seen = await AskAsync(traced.Edge, "01");
        var (_, trace, _, _) = Parse(seen.Header("traceparent"));

        Assert.NotEqual(ClientsTrace, trace);
        Assert.Null(seen.Header("tracestate"));
        Assert.Null(seen.Header("baggage"));
        await traced.Collector.SpanAsync(span => span.TraceId == trace && span.Name == "GET");
        Assert.DoesNotContain(traced.Collector.Spans, span => span.TraceId == ClientsTrace && span.Of("service.instance.id") == traced.Edge.Name);
    }

    [Fact]
    public async Task Request_QueryAndHeaders_AreInNoSpan()
    {
        using var browser = traced.Edge.Browser();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"https://{EdgeSettings.Stateless}/query?token=a-secret-of-a-client"));
        request.Headers.Add("Authorization", "Bearer another-secret");
        (await browser.SendAsync(request)).Dispose();
        await traced.Collector.SpanAsync(span => span["url.path"] == "/query");
        await traced.Collector.SpanAsync(span => span["url.full"]?.Contains("/query", StringComparison.Ordinal) is true);

        Assert.DoesNotContain(traced.Collector.Spans, span => span.Span.ToString().Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Request_WhereClientsAreTrusted_GoesOnWithTheirTrace()
    {
        await using var edge = await StartAsync(settings => settings.With("Telemetry:ClientTraces", "Continue").With("Telemetry:TracesSampleRatio", 0.000001));

        var recorded = await AskAsync(edge, "01");
        var not = await AskAsync(edge, "00");

        var server = await traced.Collector.SpanAsync(span => span.TraceId == ClientsTrace && span.ParentId == ClientsSpan && span.Of("service.instance.id") == edge.Name);
        var (_, trace, _, flags) = Parse(recorded.Header("traceparent"));
        Assert.Equal((ClientsTrace, "01", "shop=1", "user=7"), (trace, flags, recorded.Header("tracestate"), recorded.Header("baggage")?.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Equal("GET", server.Name);
        // Theirs is not recorded, and so is nothing here: and who stands behind is told.
        (_, trace, _, flags) = Parse(not.Header("traceparent"));
        Assert.Equal((ClientsTrace, "00"), (trace, flags));
    }

    [Fact]
    public async Task Request_OnAConnectionThatIsNotTraced_TellsTheUpstreamSo()
    {
        await using var edge = await StartAsync(settings => settings.With("Telemetry:TracesSampleRatio", 0.000001));

        var (_, trace, _, flags) = Parse((await AskAsync(edge, "01")).Header("traceparent"));

        Assert.Equal("00", flags);
        Assert.NotEqual(ClientsTrace, trace);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Request_WhereNothingIsTraced_KeepsItsHeaders(bool collector)
    {
        await using var edge = await traced.World.StartEdgeAsync(collector
            ? traced.World.Settings("edge-4").With("Telemetry:Endpoint", traced.Collector.Address).With("Telemetry:TracesSampleRatio", 0)
            : traced.World.Settings("edge-4"));

        var seen = await AskAsync(edge, "01");

        Assert.Equal(($"00-{ClientsTrace}-{ClientsSpan}-01", "shop=1", "user=7"), (seen.Header("traceparent"), seen.Header("tracestate"), seen.Header("baggage")));
    }

    private Task<EdgeNode> StartAsync(Func<System.Text.Json.Nodes.JsonObject, System.Text.Json.Nodes.JsonObject> change) =>
        traced.World.StartEdgeAsync(change(traced.World.Settings("edge-4").With("Telemetry:Endpoint", traced.Collector.Address)));

    private static async Task<UpstreamRequest> AskAsync(EdgeNode edge, string flags)
    {
        using var browser = edge.Browser();
        using var request = new HttpRequestMessage(HttpMethod.Get, s_site);
        request.Headers.Add("traceparent", $"00-{ClientsTrace}-{ClientsSpan}-{flags}");
        request.Headers.Add("tracestate", "shop=1");
        request.Headers.Add("baggage", "user=7");
        using var answer = await browser.SendAsync(request);
        return UpstreamRequest.Parse(await answer.Content.ReadAsStringAsync());
    }

    private static (string Version, string Trace, string Parent, string Flags) Parse(string? traceparent)
    {
        var parts = traceparent?.Split('-') ?? [];
        Assert.True(parts is [{ Length: 2 }, { Length: 32 }, { Length: 16 }, { Length: 2 }], $"traceparent is '{traceparent}'");
        return (parts[0], parts[1], parts[2], parts[3]);
    }
}
