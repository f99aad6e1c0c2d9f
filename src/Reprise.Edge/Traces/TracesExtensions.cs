using Microsoft.Extensions.Options;
using OpenTelemetry.Trace;
using Reprise.Edge.Handshakes;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyProtocol.Telemetry;

namespace Reprise.Edge.Traces;

internal static class TracesExtensions
{
    public static void AddTraces(this WebApplicationBuilder builder, SettingsFile file)
    {
        builder.Services.AddTelemetryOptions<EdgeTelemetryOptions, EdgeTelemetryOptionsValidator>(file);
        builder.Services.AddSingleton<HandshakeTraces>();
        builder.Services.AddTelemetry<EdgeTelemetryOptions>(file, HandshakeMetrics.MeterName, traces => traces
            .SetSampler<RecordedOnly>()
            .AddSource(HandshakeTraces.Source.Name, "System.Net.Http"));
    }

    /// <summary>Whether requests take part in traces: if not, their headers of that kind are upstreams' alone.</summary>
    public static bool HasTraces(this EdgeTelemetryOptions options) => options is { Endpoint.Length: > 0, TracesSampleRatio: > 0 };

    public static void UseRequestTraces(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<EdgeTelemetryOptions>>().Value;
        if (!options.HasTraces())
            return;
        var traces = new RequestTraces(options.ClientTraces);
        app.Use(traces.RunAsync);
    }
}
