using OpenTelemetry.Metrics;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyProtocol.Telemetry;
using Reprise.KeyService.Hosting;

namespace Reprise.KeyService.Management;

internal static class ManagementExtensions
{
    public static void AddManagement(this WebApplicationBuilder builder, SettingsFile file)
    {
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<KeyServiceMetrics>();
        builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddNode("reprise-keyservice", file.Configuration[$"{KeyServiceOptions.SectionName}:{nameof(KeyServiceOptions.Name)}"])).WithMetrics(metrics => metrics
            .AddMeter(KeyServiceMetrics.MeterName)
            .AddRuntime()
            .AddPrometheusExporter());
        builder.Services.AddTelemetryOptions<TelemetryOptions, TelemetryOptionsValidator<TelemetryOptions>>(file);
        builder.Services.AddTelemetry<TelemetryOptions>(file, KeyServiceMetrics.MeterName);
    }

    /// <summary><c>/healthz</c>: the process runs. <c>/readyz</c>: it has a key to give. <c>/metrics</c>: Prometheus.</summary>
    public static void MapManagement(this WebApplication app)
    {
        _ = app.Services.GetRequiredService<MeterProvider>(); // listens from here on
        app.Services.GetRequiredService<KeyServiceMetrics>().BeginAtZero();
        var only = Listener.Management;
        app.MapGet("/healthz", () => "ok\n").WithMetadata(only);
        app.MapHealthChecks("/readyz").WithMetadata(only);
        app.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(only);
    }
}
