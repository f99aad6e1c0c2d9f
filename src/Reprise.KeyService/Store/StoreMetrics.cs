using System.Diagnostics.Metrics;

namespace Reprise.KeyService.Store;

/// <summary>What the store contributes to the meter <c>Reprise.KeyService</c>; apart, as the other instruments hang on what hangs on the store.</summary>
internal sealed class StoreMetrics(IMeterFactory factory)
{
    private readonly Counter<long> _errors = factory.Create(KeyServiceMetrics.MeterName).CreateCounter<long>(
        "reprise.keys.store.errors", "{error}", "Calls to the store that failed, by reason: a word of Redis, or of the connection.");

    public void Failed(string reason) => _errors.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
