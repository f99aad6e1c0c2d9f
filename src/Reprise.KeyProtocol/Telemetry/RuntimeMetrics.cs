using OpenTelemetry.Metrics;

namespace Reprise.KeyProtocol.Telemetry;

/// <summary>What both hosts tell of the process that they are.</summary>
public static class RuntimeMetrics
{
    // Prometheus keeps this ending of a name for histograms, and nobody watches them.
    private static readonly string[] s_left = ["dotnet.assembly.count", "dotnet.timer.count", "dotnet.process.cpu.count"];

    /// <summary>Memory, CPU, garbage collection and thread pool, by .NET; connections, by Kestrel.</summary>
    public static MeterProviderBuilder AddRuntime(this MeterProviderBuilder metrics)
    {
        foreach (var name in s_left)
            metrics.AddView(name, MetricStreamConfiguration.Drop);
        return metrics.AddMeter("Microsoft.AspNetCore.Server.Kestrel", "System.Runtime");
    }
}
