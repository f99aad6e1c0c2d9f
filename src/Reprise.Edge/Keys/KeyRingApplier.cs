using Reprise.Core.Keys;
using Reprise.Edge.Profiles;
using Reprise.KeyProtocol;

namespace Reprise.Edge.Keys;

/// <summary>
/// Puts each key ring to use: derives the keys of every profile before the subscriber acknowledges the generation. The start
/// waits here for the first ring, so that no listener opens without one.
/// </summary>
internal sealed partial class KeyRingApplier : IHostedService, IDisposable
{
    // A handshake keeps the keys it has read; by then the longest one is over, and old keys can be zeroed.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(6);

    private readonly KeyRingSubscriber _subscriber;
    private readonly CurrentProfiles _profiles;
    private readonly TimeProvider _time;
    private readonly ILogger<KeyRingApplier> _logger;

    // A ring and a reload come one after the other, whichever is first: a profile without the keys of the newest ring serves nobody.
    private readonly Lock _applying = new();
    private readonly List<EdgeProfile> _retiring = [];

    public KeyRingApplier(KeyRingSubscriber subscriber, CurrentProfiles profiles, TimeProvider time, ILogger<KeyRingApplier> logger)
    {
        _subscriber = subscriber;
        _profiles = profiles;
        _time = time;
        _logger = logger;
        subscriber.Changed += Apply;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var first = _subscriber.FirstRing;
        if (!first.IsCompleted)
            Log.Waiting(_logger);
        await first.WaitAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _subscriber.Changed -= Apply;

    /// <summary>
    /// Puts other profiles in service, each with the keys and switches of the newest ring before its first handshake. Those that are not among
    /// them any more take no new connection; handshakes under way end as they began.
    /// </summary>
    public void Serve(ProfileTable table)
    {
        lock (_applying)
        {
            var former = _profiles.Table;
            if (_subscriber.Current is { } ring)
            {
                foreach (var profile in table.All.Where(profile => profile.Keys is null))
                    Apply(profile, ring);
            }

            _profiles.Swap(table);
            foreach (var gone in former.All.Except(table.All))
            {
                _retiring.Add(gone);
                _ = RetireLaterAsync(gone);
            }
        }

        _subscriber.TellProfiles();
    }

    private void Apply(KeyRing ring)
    {
        lock (_applying)
        {
            foreach (var profile in _profiles.Table.All.Concat(_retiring))
                Apply(profile, ring);
        }
    }

    private void Apply(EdgeProfile profile, KeyRing ring)
    {
        var former = profile.Keys;
        var keys = ScopedKeyRing.Derive(ring, profile.Scope, profile.Name, former?.Ring);
        var switched = SwitchedResumption.Of(profile.Options.Resumption, ring.Switches.Of(profile.Name), profile.Sessions is not null);
        profile.Keys = new ProfileKeys(keys, switched, _time);
        SayIfSwitched(profile, former, switched);
        if (former is null)
            return;
        former.Tickets.DestroyAllBut(keys);
        Forget(profile, former.Ring, keys);
        _ = DisposeLaterAsync(former);
    }

    private async Task RetireLaterAsync(EdgeProfile profile)
    {
        await Task.Delay(Grace, _time);
        lock (_applying)
        {
            _retiring.Remove(profile);
            profile.Retire();
        }
    }

    private void SayIfSwitched(EdgeProfile profile, ProfileKeys? former, SwitchedResumption now)
    {
        var configured = profile.Options.Resumption;
        var before = former is null ? (configured.Stateful, configured.Stateless) : (former.Resumption.Stateful, former.Resumption.Stateless);
        if (before != (now.Stateful, now.Stateless))
            Log.Switched(_logger, profile.Name, now.Stateful ? "on" : "off", now.Stateless ? "on" : "off", now.Tls13);
    }

    // From here on none of it opens; it need not lie in memory either.
    private void Forget(EdgeProfile profile, ScopedKeyRing former, ScopedKeyRing keys)
    {
        if (keys.Purge > former.Purge)
        {
            profile.Sessions?.Clear();
            Log.Purged(_logger, profile.Name, keys.Purge);
        }
        else if (former.Keys.Any(gone => keys.FindEpoch(gone.Epoch.Number) is null))
        {
            profile.Sessions?.Keep(epoch => keys.FindEpoch(epoch) is not null);
        }
    }

    private async Task DisposeLaterAsync(ProfileKeys former)
    {
        await Task.Delay(Grace, _time);
        former.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(3111, LogLevel.Information, "Waiting for the first key ring; no listener opens before it is here")]
        public static partial void Waiting(ILogger logger);

        [LoggerMessage(3115, LogLevel.Information, "Resumption of {Profile} as switched for the cluster: stateful {Stateful}, stateless {Stateless}, TLS 1.3 {Tls13}")]
        public static partial void Switched(ILogger logger, string profile, string stateful, string stateless, Tls.Tls13ResumptionMode tls13);

        [LoggerMessage(3112, LogLevel.Information, "Stored sessions of {Profile} are purged: none sealed under a lower number than {Number} resumes here")]
        public static partial void Purged(ILogger logger, string profile, long number);
    }
}
