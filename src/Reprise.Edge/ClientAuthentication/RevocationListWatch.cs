using System.Diagnostics.Metrics;
using Reprise.Edge.Handshakes;
using Reprise.Edge.Profiles;
using Reprise.Tls;

namespace Reprise.Edge.ClientAuthentication;

/// <summary>
/// Says when a revocation list is past its end: from then on each client that it is for is refused, and each alert blames the client.
/// </summary>
internal sealed partial class RevocationListWatch : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly CurrentProfiles _profiles;
    private readonly TimeProvider _time;
    private readonly ILogger<RevocationListWatch> _logger;
    private readonly HashSet<RevocationList> _told = [];

    public RevocationListWatch(CurrentProfiles profiles, IMeterFactory meters, TimeProvider time, ILogger<RevocationListWatch> logger)
    {
        _profiles = profiles;
        _time = time;
        _logger = logger;
        meters.Create(HandshakeMetrics.MeterName).CreateObservableGauge(
            "reprise.revocation_list.left", Measure, "s", "Time until the first of a profile's revocation lists is out of date; below 0 it is, and clients are refused");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(Interval, _time);
            do
            {
                foreach (var profile in _profiles.Table.All)
                    SayOnce(profile);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private void SayOnce(EdgeProfile profile)
    {
        foreach (var list in LatestOf(profile))
        {
            if (list.NextUpdate is { } end && end < _time.GetUtcNow() && _told.Add(list))
                Log.OutOfDate(_logger, profile.Name, list.Issuer, list.Name, end);
        }
    }

    private IEnumerable<Measurement<double>> Measure()
    {
        var now = _time.GetUtcNow();
        foreach (var profile in _profiles.Table.All)
        {
            if (LatestOf(profile).Min(list => list.NextUpdate) is { } end)
                yield return new Measurement<double>((end - now).TotalSeconds, new KeyValuePair<string, object?>("profile", profile.Name));
        }
    }

    // Of an issuer's lists OpenSSL takes one that is in date.
    private static IEnumerable<RevocationList> LatestOf(EdgeProfile profile) =>
        profile.Tls.RevocationLists.GroupBy(list => list.Issuer).Select(lists => lists.MaxBy(list => list.NextUpdate ?? DateTimeOffset.MaxValue)!);

    private static partial class Log
    {
        [LoggerMessage(3161, LogLevel.Warning, "Profile {Profile}: the revocation list of {Issuer} in {File} is out of date since {End:u}; clients that it is for are refused until there is a newer one")]
        public static partial void OutOfDate(ILogger logger, string profile, string issuer, string file, DateTimeOffset end);
    }
}
