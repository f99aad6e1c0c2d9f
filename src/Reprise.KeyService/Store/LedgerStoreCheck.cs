using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Reprise.KeyService.Store;

/// <summary>A key service that cannot open what is stored serves what it holds, but soon not what the others do: better ones are to be asked.</summary>
internal sealed class LedgerStoreCheck(RedisLedgerStore store) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        store.Unreadable is { } reason ? HealthCheckResult.Unhealthy($"the stored ledger cannot be opened: {reason}") : HealthCheckResult.Healthy());
}
