using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Reprise.Edge.Certificates;
using Reprise.Edge.Profiles;
using Reprise.SessionCache;
using Reprise.Testing;
using Reprise.Testing.Sites;

namespace Reprise.Edge.Tests.Certificates;

/// <summary>Ends of certificates and staples are told once, when they come near and when they come.</summary>
public sealed class CertificateWatchTests : IDisposable
{
    private static readonly SiteAuthority s_authority = new();
    private static readonly RedisSessionCache s_store = new(Microsoft.Extensions.Options.Options.Create(new RedisSessionCacheOptions()), TimeProvider.System, NullLogger<RedisSessionCache>.Instance);

    private readonly TemporaryDirectory _files = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly CapturedLog _log = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Watch_AsTimeGoesBy_TellsOfEachEndOnce()
    {
        var profiles = new CurrentProfiles(Load(s_authority.Issue(new SiteRequest { NotAfter = DateTime.UtcNow.AddDays(20) })));
        using var watch = await StartAsync(profiles);
        Assert.Empty(_log.Lines);

        await AfterAsync(TimeSpan.FromDays(2.5), "Profiles:shop:Certificates:0:OcspResponse expires at ", LogLevel.Warning);
        await AfterAsync(TimeSpan.FromDays(1), "Profiles:shop:Certificates:0:OcspResponse expired at ", LogLevel.Warning);
        await AfterAsync(TimeSpan.FromDays(12), "Profiles:shop:Certificates:0: the ECDSA certificate expires at ", LogLevel.Warning);
        await AfterAsync(TimeSpan.FromDays(5), "Profiles:shop:Certificates:0: the ECDSA certificate expired at ", LogLevel.Error);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(4, _log.Lines.Count);
    }

    [Fact]
    public async Task Watch_OfProfilesPutInService_TellsWhatIsDoubtful()
    {
        var profiles = new CurrentProfiles(Load(s_authority.Issue()));
        using var watch = await StartAsync(profiles);
        Assert.Empty(_log.Lines);

        profiles.Swap(Load(s_authority.Issue(new SiteRequest { Hosts = ["other.test"] })));

        Assert.Contains("which is not for site.test", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
        profiles.Swap(profiles.Table); // the same once more
        Assert.Single(_log.Lines);
    }

    [Theory]
    [InlineData(90, 20, "NotNear")]
    [InlineData(90, 13.9, "Soon")]
    [InlineData(6, 2, "NotNear")] // what lives for six days is not always about to end
    [InlineData(6, 1.4, "Soon")]
    [InlineData(6, 0, "Over")]
    public void Life_IsNearItsEndInTheLastQuarter(double days, double left, string expected)
    {
        var now = _time.GetUtcNow();

        Assert.Equal(expected, ExpiryOf.Life(now.AddDays(left - days), now.AddDays(left), now).ToString());
    }

    private async Task<CertificateWatch> StartAsync(CurrentProfiles profiles)
    {
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(_log));
        var watch = new CertificateWatch(profiles, _time, factory.CreateLogger<CertificateWatch>());
        await watch.StartAsync(CancellationToken.None);
        await Task.Delay(50); // its first look, and the wait for the second
        return watch;
    }

    private async Task AfterAsync(TimeSpan span, string expected, LogLevel level)
    {
        var before = _log.Lines.Count;
        _time.Advance(span);
        await Eventually.TrueAsync(() => _log.Lines.Count > before);
        var line = _log.Lines.Last();
        Assert.Equal(level, line.Level);
        Assert.StartsWith(expected, line.Text, StringComparison.Ordinal);
    }

    private ProfileTable Load(Site site)
    {
        var files = site.Write(_files.Path, "site");
        var options = new ProfileOptions
        {
            Hosts = ["site.test"],
            Certificates = [new CertificateOptions { Chain = files.Chain, Key = files.Key, OcspResponse = site.WriteOcsp(_files.Path, "site.ocsp") }],
        };
        return ProfileLoader.Load(new Dictionary<string, ProfileOptions> { ["shop"] = options }, new RedisSessionCacheOptions(), s_store, DateTimeOffset.UtcNow);
    }
}
