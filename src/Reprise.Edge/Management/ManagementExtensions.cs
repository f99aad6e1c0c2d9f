using OpenTelemetry.Metrics;
using Reprise.Edge.Handshakes;
using Reprise.Edge.Hosting;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyProtocol.Telemetry;
using Reprise.Tls;

namespace Reprise.Edge.Management;

internal static class ManagementExtensions
{
    public static void AddManagement(this WebApplicationBuilder builder, SettingsFile file)
    {
        builder.Services.AddMetrics();
        builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddNode("reprise-edge", file.Configuration[$"{EdgeOptions.SectionName}:{nameof(EdgeOptions.Node)}"])).WithMetrics(metrics => metrics
            .AddMeter(HandshakeMetrics.MeterName)
            .AddRuntime()
            .AddPrometheusExporter());
    }

    /// <summary>
    /// What comes in without our TLS is for management, and nothing else is: <c>/healthz</c>, the process runs; <c>/readyz</c>, it can
    /// serve (Redis or the key service being away does not change that); <c>/metrics</c>, for Prometheus.
    /// </summary>
    public static void UseManagement(this WebApplication app)
    {
        _ = app.Services.GetRequiredService<MeterProvider>(); // listens from here on
        app.Services.GetRequiredService<HandshakeMetrics>().BeginAtZero();
        var subscriber = app.Services.GetRequiredService<KeyRingSubscriber>();
        var lifetime = app.Lifetime;
        app.MapWhen(
            context => context.Features.Get<ISessionResumptionFeature>() is null,
            management =>
            {
                management.UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");
                management.Run(context => context.Request.Path.Value switch
                {
                    "/healthz" => context.Response.WriteAsync("ok\n", context.RequestAborted),
                    "/readyz" => Ready(context, subscriber.Current is not null && !lifetime.ApplicationStopping.IsCancellationRequested),
                    _ => NotFound(context),
                });
            });
    }

    private static Task Ready(HttpContext context, bool ready)
    {
        context.Response.StatusCode = ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync(ready ? "ready\n" : "not ready\n", context.RequestAborted);
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
