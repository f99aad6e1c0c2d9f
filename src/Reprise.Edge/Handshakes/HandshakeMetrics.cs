using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Reprise.Core.Sessions;
using Reprise.Edge.Hosting;
using Reprise.Edge.Limits;
using Reprise.Edge.Profiles;
using Reprise.KeyProtocol;
using Reprise.SessionCache;
using Reprise.Tls;

namespace Reprise.Edge.Handshakes;

/// <summary>What can be seen from outside (DESIGN §10). No label holds an ID, a name or an address of a client.</summary>
internal sealed class HandshakeMetrics : IDisposable
{
    public const string MeterName = "Reprise.Edge";

    private readonly Meter _meter;
    private readonly string _node;
    private readonly HandshakeTotals _totals;
    private readonly Counter<long> _handshakes;
    private readonly Counter<long> _declines;
    private readonly Counter<long> _resumptions;
    private readonly Counter<long> _notStored;
    private readonly Counter<long> _refused;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _lookup;
    private readonly Histogram<double> _store;
    private readonly Histogram<double> _age;

    public HandshakeMetrics(
        IMeterFactory meters, IOptions<EdgeOptions> options, HandshakeTotals totals, KeyRingSubscriber keys, RedisSessionCache cache, CurrentProfiles profiles, TimeProvider time)
    {
        _totals = totals;
        _node = options.Value.Node;
        _meter = meters.Create(MeterName);
        _handshakes = _meter.CreateCounter<long>("reprise.handshakes", "{handshake}", "Handshakes by protocol, mode and result");
        _declines = _meter.CreateCounter<long>("reprise.declines", "{session}", "Sessions that were offered and not resumed, by reason");
        _resumptions = _meter.CreateCounter<long>("reprise.resumptions", "{handshake}", "Resumed handshakes by the node that issued the session");
        _notStored = _meter.CreateCounter<long>("reprise.sessions.not_stored", "{handshake}", "Handshakes whose session was not in the store within the budget");
        _refused = _meter.CreateCounter<long>("reprise.connections.refused", "{connection}", "Connections closed before TLS, by reason");
        _duration = _meter.CreateHistogram("reprise.handshake.duration", "s", "Time from accept to the end of the handshake, of those that completed", advice: Latencies());
        _lookup = _meter.CreateHistogram("reprise.store.lookup.duration", "s", "Time to an answer of the session store", advice: Latencies());
        _store = _meter.CreateHistogram("reprise.store.write.duration", "s", "Time until a session was stored", advice: Latencies());
        _age = _meter.CreateHistogram("reprise.session.age", "s", "Age of sessions when they are resumed, since their full handshake", advice: Ages());
        _meter.CreateObservableGauge("reprise.keyring.generation", () => keys.Current?.Generation ?? 0, null, "Generation of the key ring in use");
        _meter.CreateObservableGauge("reprise.epoch.sealing", () => keys.Current?.SealingAt(time.GetUtcNow())?.Number ?? 0, null, "Epoch that seals now; 0: none");
        _meter.CreateObservableGauge("reprise.keyservice.connected", () => keys.Connected ? 1 : 0, null, "Whether the key service is connected");
        bool HasStore() => profiles.Table.All.Any(profile => profile.Sessions is not null);
        _meter.CreateObservableGauge("reprise.store.connected", () => (Measurement<int>[])(HasStore() ? [new(cache.Connected ? 1 : 0)] : []), null, "Whether the session store is connected and fit for use");
        _meter.CreateObservableGauge("reprise.store.breaker", () => (Measurement<int>[])
            (HasStore() ? [new((int)cache.LookupBreaker, Of("calls", "lookups")), new((int)cache.StoreBreaker, Of("calls", "stores"))] : []),
            null, "Whether the session store is asked: 0 closed (it is), 1 open, 2 half-open");
        _meter.CreateObservableGauge("reprise.exposure.window", () => profiles.Table.All.Select(profile => new Measurement<double>(ExposureOf(profile).TotalSeconds, Of("profile", profile.Name))),
            "s", "How long a ticket key that is stolen now opens tickets of the profile: as long as it seals and its last ticket lives");
        Observe(profiles);
    }

    public void Completed(Handshake handshake)
    {
        _totals.Completed(handshake.Mode, handshake.Declined);
        var protocol = Of("protocol", HandshakeNames.Of(handshake.Protocol));
        var mode = Of("mode", HandshakeNames.Of(handshake.Mode));
        _handshakes.Add(1, protocol, mode, Of("result", "ok"));
        _duration.Record(handshake.Duration.TotalSeconds, protocol, mode);
        if (handshake.Declined.ToName() is { } reason && handshake.Mode is ResumptionMode.Full)
            _declines.Add(1, Of("reason", reason));
    }

    public void Failed(HandshakeFailure failure)
    {
        _totals.Failed();
        Count(failure, 1);
    }

    /// <param name="issuer">The node that issued the session.</param>
    /// <param name="mode">Stateful or stateless.</param>
    /// <param name="age">Since its full handshake.</param>
    public void Resumed(string issuer, ResumptionMode mode, TimeSpan age)
    {
        _totals.ResumedFrom(issuer);
        _resumptions.Add(1, Of("issuer", issuer), Of("node", _node));
        _age.Record(age.TotalSeconds, Of("mode", HandshakeNames.Of(mode)));
    }

    public void Refused(ConnectionRefusal reason) => _refused.Add(1, Of("reason", RefusalLog.NameOf(reason)));

    public void NotStored() => _notStored.Add(1);

    public void LookedUp(TimeSpan elapsed, CacheAnswer answer) =>
        _lookup.Record(elapsed.TotalSeconds, Of("result", HandshakeNames.Of(answer)));

    public void Stored(TimeSpan elapsed, bool stored) => _store.Record(elapsed.TotalSeconds, Of("result", stored ? "ok" : "error"));

    public void Dispose() => _meter.Dispose();

    /// <summary>
    /// To be called once somebody listens: what has not been counted yet is no series, and the step from none to the first is no increase
    /// to Prometheus.
    /// </summary>
    public void BeginAtZero()
    {
        foreach (var protocol in (string[])["TLSv1.2", "TLSv1.3"])
        {
            foreach (var mode in Enum.GetValues<ResumptionMode>())
                _handshakes.Add(0, Of("protocol", protocol), Of("mode", HandshakeNames.Of(mode)), Of("result", "ok"));
        }

        foreach (var failure in Enum.GetValues<HandshakeFailure>())
            Count(failure, 0);
        foreach (var reason in Enum.GetValues<DeclineReason>())
        {
            if (reason.ToName() is { } name)
                _declines.Add(0, Of("reason", name));
        }

        foreach (var reason in Enum.GetValues<ConnectionRefusal>())
            _refused.Add(0, Of("reason", RefusalLog.NameOf(reason)));
        _notStored.Add(0);
    }

    private void Count(HandshakeFailure failure, long number) => _handshakes.Add(number, Of("protocol", ""), Of("mode", ""), Of("result", HandshakeNames.Of(failure)));

    // Of stored sessions a key alone opens none: it takes the client's handle too.
    private static TimeSpan ExposureOf(EdgeProfile profile) => profile.Keys is { Resumption.Stateless: true } keys
        ? keys.Ring.Keys.Select(key => key.Epoch.Exposure(profile.Options.Resumption.SessionTimeout)).DefaultIfEmpty().Max()
        : TimeSpan.Zero;

    // Each profile has its own, so that a busy one does not push the sessions of the others out.
    private void Observe(CurrentProfiles profiles)
    {
        IEnumerable<(string Profile, NearSessionCache Near)> Caches() =>
            from profile in profiles.Table.All where profile.Sessions is not null select (profile.Name, profile.Sessions);
        _meter.CreateObservableCounter("reprise.near_cache.requests", () => Caches().SelectMany(cache => (Measurement<long>[])
            [new(cache.Near.Hits, Of("profile", cache.Profile), Of("result", "hit")), new(cache.Near.Misses, Of("profile", cache.Profile), Of("result", "miss"))]),
            "{lookup}", "TLS 1.2 lookups answered by the near cache, or passed on to the store");
        _meter.CreateObservableCounter("reprise.near_cache.evictions", () => Caches().Select(cache => new Measurement<long>(cache.Near.Evictions, Of("profile", cache.Profile))), "{session}", "Sessions that left the near cache for want of room or for their age");
        _meter.CreateObservableGauge("reprise.near_cache.entries", () => Caches().Select(cache => new Measurement<int>(cache.Near.Count, Of("profile", cache.Profile))), "{session}", "Sessions in the near cache");
    }

    private static KeyValuePair<string, object?> Of(string name, string value) => new(name, value);

    private static InstrumentAdvice<double> Latencies() =>
        new() { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5] };

    // From a client that comes back at once to the default MaxSessionAge, and a week beyond.
    private static InstrumentAdvice<double> Ages() =>
        new() { HistogramBucketBoundaries = [1, 10, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 604800] };
}
