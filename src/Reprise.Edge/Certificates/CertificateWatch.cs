using Reprise.Edge.Profiles;

namespace Reprise.Edge.Certificates;

/// <summary>Says once what is doubtful about certificates in service, and when they and what is stapled to them come to their end.</summary>
internal sealed partial class CertificateWatch : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly CurrentProfiles _profiles;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateWatch> _logger;
    private readonly Lock _lock = new();
    private Dictionary<CertificateFacts, (Expiry Certificate, Expiry Staple)> _seen = [];

    public CertificateWatch(CurrentProfiles profiles, TimeProvider time, ILogger<CertificateWatch> logger)
    {
        _profiles = profiles;
        _time = time;
        _logger = logger;
        profiles.Changed += OnChanged;
    }

    public override void Dispose()
    {
        _profiles.Changed -= OnChanged;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            do
                Look();
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private void OnChanged(ProfileTable former) => Look();

    private void Look()
    {
        lock (_lock)
        {
            // Only of those in service: a certificate that was replaced is nobody's concern.
            var seen = new Dictionary<CertificateFacts, (Expiry, Expiry)>(ReferenceEqualityComparer.Instance);
            var now = _time.GetUtcNow();
            foreach (var certificate in _profiles.Table.All.SelectMany(profile => profile.Certificates))
                seen[certificate] = Look(certificate, now);
            _seen = seen;
        }
    }

    private (Expiry, Expiry) Look(CertificateFacts certificate, DateTimeOffset now)
    {
        if (!_seen.TryGetValue(certificate, out var before))
        {
            foreach (var warning in certificate.Warnings)
                Log.Doubtful(_logger, warning);
        }

        var life = ExpiryOf.Life(certificate.NotBefore, certificate.NotAfter, now);
        if (life is Expiry.Soon && before.Certificate is not Expiry.Soon)
            Log.EndsSoon(_logger, certificate.Section, certificate.KeyType, certificate.NotAfter);
        if (life is Expiry.Over && before.Certificate is not Expiry.Over)
            Log.Over(_logger, certificate.Section, certificate.KeyType, certificate.NotAfter);
        if (certificate.Staple is not { } staple)
            return (life, Expiry.NotNear);
        var answer = ExpiryOf.Life(staple.Since, staple.Until, now);
        if (answer is Expiry.Soon && before.Staple is not Expiry.Soon)
            Log.StapleEndsSoon(_logger, certificate.Section, staple.Until);
        if (answer is Expiry.Over && before.Staple is not Expiry.Over)
            Log.StapleOver(_logger, certificate.Section, staple.Until);
        return (life, answer);
    }

    private static partial class Log
    {
        [LoggerMessage(3401, LogLevel.Warning, "{Warning}")]
        public static partial void Doubtful(ILogger logger, string warning);

        [LoggerMessage(3402, LogLevel.Warning, "{Section}: the {KeyType} certificate expires at {NotAfter:u}; renew it")]
        public static partial void EndsSoon(ILogger logger, string section, string keyType, DateTimeOffset notAfter);

        [LoggerMessage(3403, LogLevel.Error, "{Section}: the {KeyType} certificate expired at {NotAfter:u}: clients refuse it, and this node would not start with it")]
        public static partial void Over(ILogger logger, string section, string keyType, DateTimeOffset notAfter);

        [LoggerMessage(3404, LogLevel.Warning, "{Section}:OcspResponse expires at {Until:u}; put a newer one in its place")]
        public static partial void StapleEndsSoon(ILogger logger, string section, DateTimeOffset until);

        [LoggerMessage(3405, LogLevel.Warning, "{Section}:OcspResponse expired at {Until:u}: nothing is stapled")]
        public static partial void StapleOver(ILogger logger, string section, DateTimeOffset until);
    }
}
