using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Reprise.KeyProtocol.Hosting;

namespace Reprise.KeyProtocol.Telemetry;

/// <summary>OTLP, where a collector is configured.</summary>
public static class TelemetryExtensions
{
    private const string Traces = "traces";
    private const string Metrics = "metrics";

    /// <summary>The settings alone, with what is wrong with them.</summary>
    /// <typeparam name="TOptions">Of the host.</typeparam>
    /// <typeparam name="TValidator">For these.</typeparam>
    public static void AddTelemetryOptions<TOptions, TValidator>(this IServiceCollection services, SettingsFile file)
        where TOptions : TelemetryOptions
        where TValidator : TelemetryOptionsValidator<TOptions>
    {
        services.AddOptions<TOptions>()
            .Bind(file.Configuration.GetSection(TelemetryOptions.SectionName))
            .PostConfigure(options => options.Resolve(file.Resolve))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
    }

    /// <summary>Whether there is a collector.</summary>
    public static bool HasCollector(this SettingsFile file) =>
        file.Configuration[$"{TelemetryOptions.SectionName}:{nameof(TelemetryOptions.Endpoint)}"] is { Length: > 0 };

    /// <summary>Sends metrics, unless they are switched off, and what <paramref name="traces"/> adds, if there is a collector.</summary>
    /// <typeparam name="TOptions">As added before.</typeparam>
    /// <param name="services">Of the host.</param>
    /// <param name="file">Its settings.</param>
    /// <param name="meter">Its meter.</param>
    /// <param name="traces">Sources and sampler; null: it has none.</param>
    public static void AddTelemetry<TOptions>(this IServiceCollection services, SettingsFile file, string meter, Action<TracerProviderBuilder>? traces = null)
        where TOptions : TelemetryOptions
    {
        if (!file.HasCollector())
            return;
        services.AddSingleton(provider => new CollectorHandler(
            provider.GetRequiredService<IOptions<TOptions>>().Value,
            provider.GetRequiredService<IMeterFactory>().Create(meter),
            provider.GetRequiredService<ILogger<CollectorHandler>>()));
        services.AddOptions<OtlpExporterOptions>(Traces).Configure<IOptions<TOptions>, CollectorHandler>((exporter, options, collector) => Configure(exporter, options.Value, collector, Traces));
        services.AddOptions<OtlpExporterOptions>(Metrics).Configure<IOptions<TOptions>, CollectorHandler>((exporter, options, collector) => Configure(exporter, options.Value, collector, Metrics));
        services.AddOptions<MetricReaderOptions>(Metrics).Configure<IOptions<TOptions>>((reader, options) =>
        {
            reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.Value.MetricsInterval.TotalMilliseconds;
            reader.PeriodicExportingMetricReaderOptions.ExportTimeoutMilliseconds = (int)options.Value.Timeout.TotalMilliseconds;
        });
        if (file.Configuration[$"{TelemetryOptions.SectionName}:{nameof(TelemetryOptions.Metrics)}"] is not { } send || !bool.TryParse(send, out var sends) || sends)
            services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddOtlpExporter(Metrics, (Action<OtlpExporterOptions, MetricReaderOptions>?)null));
        if (traces is null)
            return;
        services.AddOpenTelemetry().WithTracing(tracing =>
        {
            traces(tracing);
            tracing.AddOtlpExporter(Traces, configure: null);
        });
    }

    /// <summary>Who it is that tells.</summary>
    /// <param name="resource">Of the host.</param>
    /// <param name="service">Kind of process.</param>
    /// <param name="instance">Its name; null: a random one.</param>
    public static ResourceBuilder AddNode(this ResourceBuilder resource, string service, string? instance) => resource.AddService(
        service, serviceVersion: typeof(TelemetryExtensions).Assembly.GetName().Version?.ToString(3), autoGenerateServiceInstanceId: instance is null, serviceInstanceId: instance);

    private static void Configure(OtlpExporterOptions exporter, TelemetryOptions options, CollectorHandler collector, string signal)
    {
        var http = options.Protocol is TelemetryProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(http ? $"{options.Endpoint!.TrimEnd('/')}/v1/{signal}" : options.Endpoint!);
        exporter.Protocol = http ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.TimeoutMilliseconds = (int)options.Timeout.TotalMilliseconds;
        exporter.HttpClientFactory = collector.CreateClient;
    }
}
