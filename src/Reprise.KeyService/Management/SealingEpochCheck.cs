using Microsoft.Extensions.Diagnostics.HealthChecks;
using Reprise.KeyService.Epochs;

namespace Reprise.KeyService.Management;

/// <summary>Ready means: a node that connects now gets a ring that it can seal with.</summary>
internal sealed class SealingEpochCheck(EpochKeeper epochs, TimeProvider time) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        return Task.FromResult(epochs.Current.SealingAt(now) is not null
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("no epoch seals"));
    }
}
