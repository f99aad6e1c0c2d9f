using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Reprise.KeyProtocol.Telemetry;

namespace Reprise.KeyService.Management;

internal static class ManagementExtensions
{
    public static void AddManagement(this WebApplicationBuilder builder)
    {
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<KeyServiceMetrics>();
        builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("reprise-keyservice")).WithMetrics(metrics => metrics
            .AddMeter(KeyServiceMetrics.MeterName)
            .AddRuntime()
            .AddPrometheusExporter());
    }

    /// <summary><c>/healthz</c>: the process runs. <c>/readyz</c>: it has a key to give. <c>/metrics</c>: Prometheus.</summary>
    public static void MapManagement(this WebApplication app)
    {
        _ = app.Services.GetRequiredService<MeterProvider>(); // listens from here on
        app.Services.GetRequiredService<KeyServiceMetrics>().BeginAtZero();
        var only = new ManagementEndpoint();
        app.MapGet("/healthz", () => "ok\n").WithMetadata(only);
        app.MapHealthChecks("/readyz").WithMetadata(only);
        app.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(only);
    }
}
