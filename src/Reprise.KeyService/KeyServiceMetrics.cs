using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Reprise.Core.Keys;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Rotation;

namespace Reprise.KeyService;

/// <summary>Meter <c>Reprise.KeyService</c>.</summary>
internal sealed class KeyServiceMetrics
{
    public const string MeterName = "Reprise.KeyService";

    private readonly Counter<long> _rotations;
    private readonly Counter<long> _purges;
    private readonly Counter<long> _revocations;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _auditLost;
    private readonly Histogram<double> _rotationDuration;
    private readonly Histogram<double> _acknowledgeDuration;

    public KeyServiceMetrics(IMeterFactory factory, EpochKeeper epochs, ILedgerStore store, NodeRegistry nodes, IOptions<RotationOptions> rotation, TimeProvider time)
    {
        var meter = factory.Create(MeterName);
        _rotations = meter.CreateCounter<long>("reprise.keys.rotations", "{rotation}", "Rotations by result: complete, laggards, failed.");
        _purges = meter.CreateCounter<long>("reprise.keys.purges", "{purge}", "Purges of stored sessions by result: complete, laggards, unwatched (the caller left before the nodes had acknowledged).");
        _revocations = meter.CreateCounter<long>("reprise.keys.revocations", "{revocation}", "Revocations by result: complete, laggards, failed.");
        _refusals = meter.CreateCounter<long>("reprise.keys.refusals", "{refusal}", "Connections and calls refused, by reason: certificate, role, removed; of the dashboard also token (wrong, or too many wrong ones) and forgery (no page of its own sent it).");
        _auditLost = meter.CreateCounter<long>("reprise.keys.audit.lost", "{entry}", "Audit entries that are in the log only, as too many were waiting for the store.");
        _rotationDuration = meter.CreateHistogram<double>("reprise.keys.rotation.duration", "s", "From staging to the end of a rotation.");
        _acknowledgeDuration = meter.CreateHistogram<double>("reprise.keys.acknowledge.duration", "s", "From publication of a generation to a node's acknowledgement.");
        meter.CreateObservableGauge("reprise.keys.generation", () => epochs.Current.Generation, description: "Generation of the key ring.");
        meter.CreateObservableGauge("reprise.keys.leads", () => store.Leads ? 1 : 0, description: "Whether this key service leads: 1 or 0. The sum over all of them is to be 1.");
        meter.CreateObservableGauge("reprise.keys.epochs", () => CountStates(epochs), "{epoch}", "Epochs by state.");
        meter.CreateObservableGauge("reprise.keys.sealing.epoch", () => Sealing(epochs, time)?.Number ?? 0, description: "The epoch that seals now; 0 if none does.");
        meter.CreateObservableGauge("reprise.keys.sealing.left", () => (Sealing(epochs, time)?.SealUntil - time.GetUtcNow())?.TotalSeconds ?? 0, "s", "Until no epoch seals, if nothing is rotated.");
        meter.CreateObservableGauge("reprise.keys.rotation.due", () => UntilRotation(epochs, rotation.Value.Interval, time), "s", "Until the active epoch is to be replaced by schedule; below 0: it is past its date.");
        meter.CreateObservableGauge("reprise.keys.exposure", () => epochs.Current.Epochs.Select(epoch => epoch.Exposure()).DefaultIfEmpty().Max().TotalSeconds, "s", "The longest time for which one of the living epochs opens anything that was sealed under it.");
        meter.CreateObservableGauge("reprise.keys.nodes.lag", () => Lags(epochs, nodes, time), "s", "Since when the current generation is published, by live node that has not acknowledged it; 0: it has.");
        meter.CreateObservableGauge("reprise.keys.nodes.live", () => nodes.Snapshot().Count(node => node.Live), "{node}", "Nodes with an open stream.");
        meter.CreateObservableGauge("reprise.keys.nodes.behind", () => nodes.Snapshot().Count(node => node.Live && node.AcknowledgedGeneration < epochs.Current.Generation), "{node}", "Live nodes that have not acknowledged the current generation.");
    }

    public void Rotated(string result, TimeSpan? duration)
    {
        _rotations.Add(1, new KeyValuePair<string, object?>("result", result));
        if (duration is { } took)
            _rotationDuration.Record(took.TotalSeconds);
    }

    public void Purged(string result) => _purges.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Revoked(string result) => _revocations.Add(1, new KeyValuePair<string, object?>("result", result));

    public void AuditLost() => _auditLost.Add(1);

    public void Acknowledged(TimeSpan after) => _acknowledgeDuration.Record(after.TotalSeconds);

    public void Refused(string reason) => _refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>
    /// To be called once somebody listens: what has not been counted yet is no series, and the step from none to the first is no increase
    /// to Prometheus.
    /// </summary>
    public void BeginAtZero()
    {
        foreach (var result in (string[])["complete", "laggards", "failed"])
        {
            _rotations.Add(0, new KeyValuePair<string, object?>("result", result));
            _revocations.Add(0, new KeyValuePair<string, object?>("result", result));
        }

        foreach (var result in (string[])["complete", "laggards", "unwatched"])
            _purges.Add(0, new KeyValuePair<string, object?>("result", result));
        foreach (var reason in (string[])["certificate", "role", "removed", "token", "forgery"])
            _refusals.Add(0, new KeyValuePair<string, object?>("reason", reason));
        _auditLost.Add(0);
    }

    private static Epoch? Sealing(EpochKeeper epochs, TimeProvider time) => epochs.Current.SealingAt(time.GetUtcNow());

    // None where no epoch is active: then nothing is sealed either, which reprise.keys.sealing.epoch says.
    private static IEnumerable<Measurement<double>> UntilRotation(EpochKeeper epochs, TimeSpan interval, TimeProvider time) =>
        epochs.Current.Active?.ActivatesAt is { } at ? [new((at + interval - time.GetUtcNow()).TotalSeconds)] : [];

    private static IEnumerable<Measurement<double>> Lags(EpochKeeper epochs, NodeRegistry nodes, TimeProvider time)
    {
        var since = Math.Max(0, (time.GetUtcNow() - epochs.PublishedAt).TotalSeconds);
        var generation = epochs.Current.Generation;
        return from node in nodes.Snapshot()
               where node.Live // one that is gone is not waited for
               select new Measurement<double>(
                   node.AcknowledgedGeneration >= generation ? 0 : since, new KeyValuePair<string, object?>("node", node.Name));
    }

    private static IEnumerable<Measurement<int>> CountStates(EpochKeeper epochs) =>
        from state in new[] { EpochState.Staged, EpochState.Active, EpochState.Retired }
        select new Measurement<int>(
            epochs.Current.Epochs.Count(epoch => epoch.State == state),
            new KeyValuePair<string, object?>("state", state.ToString().ToLowerInvariant()));
}
