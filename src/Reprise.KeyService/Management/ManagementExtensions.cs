using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Reprise.KeyService.Management;

internal static class ManagementExtensions
{
    public static void AddManagement(this WebApplicationBuilder builder)
    {
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<KeyServiceMetrics>();
        builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("reprise-keyservice")).WithMetrics(metrics => metrics
            .AddMeter(KeyServiceMetrics.MeterName, "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
            .AddPrometheusExporter());
    }

    /// <summary><c>/healthz</c>: the process runs. <c>/readyz</c>: it has a key to give. <c>/metrics</c>: Prometheus.</summary>
    public static void MapManagement(this WebApplication app)
    {
        var only = new ManagementEndpoint();
        app.MapGet("/healthz", () => "ok\n").WithMetadata(only);
        app.MapHealthChecks("/readyz").WithMetadata(only);
        app.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(only);
    }
}
