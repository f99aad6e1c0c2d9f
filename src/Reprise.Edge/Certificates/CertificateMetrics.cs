using System.Diagnostics.Metrics;
using Reprise.Edge.Handshakes;
using Reprise.Edge.Profiles;

namespace Reprise.Edge.Certificates;

/// <summary>How long the certificates in service and what is stapled to them still last.</summary>
internal sealed class CertificateMetrics : IHostedService
{
    private readonly CurrentProfiles _profiles;
    private readonly TimeProvider _time;

    public CertificateMetrics(IMeterFactory meters, CurrentProfiles profiles, TimeProvider time)
    {
        _profiles = profiles;
        _time = time;
        var meter = meters.Create(HandshakeMetrics.MeterName); // the factory's
        meter.CreateObservableGauge("reprise.certificate.expiry", () => Left(certificate => certificate.NotAfter), "s", "Time until a certificate of the chain expires, by profile and key type; below 0: it has");
        meter.CreateObservableGauge("reprise.ocsp.expiry", () => Left(certificate => certificate.Staple?.Until), "s", "Time until the OCSP response to staple expires, by profile and key type; below 0: it has, and is not stapled");
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<Measurement<double>> Left(Func<CertificateFacts, DateTimeOffset?> end)
    {
        var now = _time.GetUtcNow();
        return from profile in _profiles.Table.All
               from certificate in profile.Certificates
               where end(certificate) is not null
               select new Measurement<double>(
                   Math.Floor((end(certificate)!.Value - now).TotalSeconds),
                   new("profile", profile.Name), new("key", certificate.KeyType));
    }
}
