using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Reprise.Edge.Tests.Traces.Otlp;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Traces;

/// <summary>What OTLP is sent to: keeps it. On a free port, by HTTP/1.1 or by gRPC.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<SeenSpan> _spans = new();
    private readonly ConcurrentDictionary<string, bool> _metrics = new();
    private readonly ConcurrentQueue<string> _keys = new();

    private Collector(WebApplication app) => _app = app;

    /// <summary><c>http://127.0.0.1:port</c>.</summary>
    public string Address { get; private set; } = "";

    public IReadOnlyList<SeenSpan> Spans => [.. _spans];

    /// <summary>Names of metrics.</summary>
    public IEnumerable<string> Metrics => _metrics.Keys;

    /// <summary>Values of the header <c>X-Key</c>.</summary>
    public IEnumerable<string> Keys => _keys;

    /// <param name="grpc">gRPC and nothing else; otherwise HTTP/1.1.</param>
    /// <param name="certificate">With TLS, as whom.</param>
    public static async Task<Collector> StartAsync(bool grpc = false, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = grpc ? HttpProtocols.Http2 : HttpProtocols.Http1;
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        Collector? collector = null;
        builder.Services.AddSingleton(_ => collector!);
        collector = new Collector(builder.Build());
        collector._app.MapPost("/v1/traces", async context => collector.Take(context, ExportTraceServiceRequest.Parser.ParseFrom(await ReadAsync(context))));
        collector._app.MapPost("/v1/metrics", async context => collector.Take(context, ExportMetricsServiceRequest.Parser.ParseFrom(await ReadAsync(context))));
        collector._app.MapGrpcService<TracesByGrpc>();
        collector._app.MapGrpcService<MetricsByGrpc>();
        await collector._app.StartAsync();
        collector.Address = collector._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return collector;
    }

    /// <summary>The first span that will do, once it has been sent.</summary>
    public Task<SeenSpan> SpanAsync(Func<SeenSpan, bool> condition, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string text = "") =>
        Eventually.NotNullAsync(() => Spans.FirstOrDefault(condition), TimeSpan.FromSeconds(30), text: text);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<byte[]> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    private void Take(HttpContext context, ExportTraceServiceRequest request)
    {
        Note(context);
        foreach (var resource in request.ResourceSpans)
        {
            foreach (var scope in resource.ScopeSpans)
            {
                foreach (var span in scope.Spans)
                    _spans.Enqueue(new SeenSpan(resource.Resource, scope.Scope.Name, span));
            }
        }
    }

    private void Take(HttpContext context, ExportMetricsServiceRequest request)
    {
        Note(context);
        foreach (var metric in request.ResourceMetrics.SelectMany(resource => resource.ScopeMetrics).SelectMany(scope => scope.Metrics))
            _metrics[metric.Name] = true;
    }

    private void Note(HttpContext context) => _keys.Enqueue(context.Request.Headers["X-Key"].ToString());

    private sealed class TracesByGrpc(Collector collector) : TraceService.TraceServiceBase
    {
        public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context)
        {
            collector.Take(context.GetHttpContext(), request);
            return Task.FromResult(new ExportTraceServiceResponse());
        }
    }

    private sealed class MetricsByGrpc(Collector collector) : MetricsService.MetricsServiceBase
    {
        public override Task<ExportMetricsServiceResponse> Export(ExportMetricsServiceRequest request, ServerCallContext context)
        {
            collector.Take(context.GetHttpContext(), request);
            return Task.FromResult(new ExportMetricsServiceResponse());
        }
    }
}

/// <summary>A span as a collector has it.</summary>
internal sealed record SeenSpan(Resource Resource, string Scope, Span Span)
{
    public string Name => Span.Name;

    public string TraceId => Hex(Span.TraceId);

    public string SpanId => Hex(Span.SpanId);

    /// <summary>"" of a root.</summary>
    public string ParentId => Hex(Span.ParentSpanId);

    public IEnumerable<(string TraceId, string SpanId)> Links => Span.Links.Select(link => (Hex(link.TraceId), Hex(link.SpanId)));

    /// <summary>An attribute as text; null if there is none.</summary>
    public string? this[string key] => TextOf(Span.Attributes.FirstOrDefault(attribute => attribute.Key == key)?.Value);

    /// <summary>The same of the process that sent it.</summary>
    public string? Of(string key) => TextOf(Resource.Attributes.FirstOrDefault(attribute => attribute.Key == key)?.Value);

    private static string? TextOf(AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(System.Globalization.CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);
}
