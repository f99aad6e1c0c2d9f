using System.Threading.Channels;
using Reprise.Core.Keys;
using Reprise.Core.Sessions;
using Reprise.Edge.Profiles;
using Reprise.KeyProtocol;
using Reprise.SessionCache.Scan;

namespace Reprise.Edge.Keys;

/// <summary>After a purge, gives the memory of what was purged back to the store, if no other node does.</summary>
internal sealed partial class PurgeSweeper : BackgroundService
{
    // Past this another try is not worth it: sessions end by themselves.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(5);

    private readonly KeyRingSubscriber _subscriber;
    private readonly CurrentProfiles _profiles;
    private readonly SessionSweep _sweep;
    private readonly TimeProvider _time;
    private readonly ILogger<PurgeSweeper> _logger;
    private readonly Channel<PurgeNumbers> _changes = Channel.CreateBounded<PurgeNumbers>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly bool _stateful;

    public PurgeSweeper(KeyRingSubscriber subscriber, CurrentProfiles profiles, SessionSweep sweep, TimeProvider time, ILogger<PurgeSweeper> logger)
    {
        _subscriber = subscriber;
        _sweep = sweep;
        _time = time;
        _logger = logger;
        _profiles = profiles;
        _stateful = profiles.Table.All.Any(profile => profile.Sessions is not null); // the store stays what it is while the process runs
        subscriber.Changed += OnChanged;
    }

    public override void Dispose()
    {
        _subscriber.Changed -= OnChanged;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_stateful)
            return;
        try
        {
            // What was purged before this node came has been swept by those that were there.
            var swept = Latest(await _changes.Reader.ReadAsync(stoppingToken));
            await foreach (var purges in _changes.Reader.ReadAllAsync(stoppingToken))
            {
                if (Latest(purges) <= swept)
                    continue;
                swept = Latest(purges);
                await SweepAsync(swept, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task SweepAsync(long number, CancellationToken stoppingToken)
    {
        var started = _time.GetTimestamp();
        var claimed = false;
        while (true)
        {
            var result = await _sweep.RunAsync(number, claimed, IsPurged, stoppingToken);
            claimed = result.Claimed;
            if (result.End is SweepEnd.Done)
                Log.Swept(_logger, number, result.Removed, result.Seen, _time.GetElapsedTime(started).TotalSeconds);
            if (result.End is not SweepEnd.Failed)
                return;
            if (_time.GetElapsedTime(started) > Patience)
            {
                Log.GivenUp(_logger, number, result.Fault ?? "no connection");
                return;
            }

            await Task.Delay(TryAgainAfter, _time, stoppingToken);
        }
    }

    // A scope that no profile here has is of an older policy: only a purge of all reaches it, and nothing opens it.
    private bool IsPurged(SealedSessionHeader header)
    {
        var purges = _subscriber.Current?.Purges ?? PurgeNumbers.None;
        return header.Purge < (_profiles.Table.FindByScope(header.ScopeTag) is { } profile ? purges.Of(profile.Name) : purges.All);
    }

    // The numbers of all profiles grow together: the highest one is that of the last purge.
    private static long Latest(PurgeNumbers purges) => purges.Numbers.Values.DefaultIfEmpty().Max();

    private void OnChanged(KeyRing ring) => _changes.Writer.TryWrite(ring.Purges);

    private static partial class Log
    {
        [LoggerMessage(3113, LogLevel.Information, "Purge {Number}: {Removed} of {Seen} sessions removed from the store in {Seconds:F1} s")]
        public static partial void Swept(ILogger logger, long number, long removed, long seen, double seconds);

        [LoggerMessage(3114, LogLevel.Warning, "Purge {Number}: purged sessions stay in the store until their time is over, without being of use: {Reason}")]
        public static partial void GivenUp(ILogger logger, long number, string reason);
    }
}
