using System.Diagnostics.Metrics;
using Reprise.Edge.Handshakes;

namespace Reprise.Edge.Reload;

/// <summary>Whether what the node serves is what its configuration says.</summary>
internal sealed class ReloadMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _reloads;
    private readonly TimeProvider _time;
    private volatile bool _stale;
    private long _appliedAt;

    public ReloadMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        _meter = meters.Create(HandshakeMetrics.MeterName);
        _reloads = _meter.CreateCounter<long>("reprise.configuration.reloads", "{reload}", "Changes of the configuration or its files, by what became of them");
        _meter.CreateObservableGauge("reprise.configuration.stale", () => _stale ? 1 : 0, null, "1: the configuration on disk was refused, an older one is served");
        _meter.CreateObservableGauge(
            "reprise.configuration.last_success_timestamp", () => Interlocked.Read(ref _appliedAt), "s", "When what is served was read, Unix time");
        _appliedAt = time.GetUtcNow().ToUnixTimeSeconds();
    }

    public void Applied()
    {
        _stale = false;
        Interlocked.Exchange(ref _appliedAt, _time.GetUtcNow().ToUnixTimeSeconds());
        _reloads.Add(1, new KeyValuePair<string, object?>("result", "applied"));
    }

    public void Refused()
    {
        _stale = true;
        _reloads.Add(1, new KeyValuePair<string, object?>("result", "refused"));
    }

    public void Dispose() => _meter.Dispose();
}
