using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Reprise.Testing;

namespace Reprise.SessionCache.Tests;

public sealed class RedisSessionCacheOptionsTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("Redis", ",abortConnect=false", "Sessions:Redis names no server; allowed: host:port")]
    [InlineData("Redis", "127.0.0.1:6379,whatever=1", "Sessions:Redis is not a StackExchange.Redis connection string")]
    [InlineData("PasswordFile", "nowhere", "Sessions:PasswordFile is '")]
    [InlineData("Redis", "127.0.0.1:6379,proxy=Twemproxy", "Sessions:Redis has proxy=Twemproxy; allowed: no proxy")]
    [InlineData("SentinelPasswordFile", "nowhere", "Sessions:SentinelPasswordFile is '")]
    [InlineData("CertificateAuthorityFile", "nowhere", "allowed: a PEM file with certificates that can be read")]
    [InlineData("ClientCertificateFile", "nowhere", "Sessions:ClientKeyFile is ''; allowed with ClientCertificateFile")]
    [InlineData("ClientKeyFile", "nowhere", "Sessions:ClientCertificateFile is ''; allowed with ClientKeyFile")]
    [InlineData("BreakDuration", "00:00:00.050", "Sessions:BreakDuration is '00:00:00.0500000'; allowed: 00:00:00.100 to 00:01:00")]
    [InlineData("BreakDuration", "00:02:00", "Sessions:BreakDuration is '00:02:00'; allowed: 00:00:00.100 to 00:01:00")]
    [InlineData("LookupBudget", "00:00:00", "Sessions:LookupBudget is '00:00:00'; allowed: 00:00:00.001 to 00:00:05")]
    [InlineData("StoreBudget", "00:01:00", "Sessions:StoreBudget is '00:01:00'; allowed: 00:00:00.001 to 00:00:05")]
    [InlineData("NearCacheEntries", "-1", "Sessions:NearCacheEntries is '-1'; allowed: 0 (none) to 10000000")]
    [InlineData("NearCacheAge", "00:00:00", "Sessions:NearCacheAge is '00:00:00'; allowed: 00:00:01 to 1.00:00:00")]
    public void Value_SettingThatIsNotAllowed_SaysWhichAndWhatIs(string key, string value, string expected)
    {
        using var services = Services((key, value));

        var fault = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<RedisSessionCacheOptions>>().Value);

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void Value_UnknownKey_IsRefused()
    {
        using var services = Services(("Rediss", "x"));

        Assert.Throws<InvalidOperationException>(() => services.GetRequiredService<IOptions<RedisSessionCacheOptions>>().Value);
    }

    [Fact]
    public void Value_PasswordFile_IsRelativeToTheConfiguration()
    {
        var file = _files.Write("secrets/redis", "x");
        using var services = Services(("PasswordFile", "secrets/redis"));

        Assert.Equal(file, services.GetRequiredService<IOptions<RedisSessionCacheOptions>>().Value.PasswordFile);
    }

    [Fact]
    public void Value_TlsFiles_AreReadAndRelativeToTheConfiguration()
    {
        using var authority = new TestAuthority();
        using var edge = authority.Edge();
        authority.WriteAuthority(_files.Path);
        TestAuthority.Write(edge, _files.Path, "edge");
        using var services = Services(
            ("Redis", "redis.example:6380,ssl=true"), ("CertificateAuthorityFile", "ca.crt"), ("ClientCertificateFile", "edge.crt"), ("ClientKeyFile", "edge.key"));

        var options = services.GetRequiredService<IOptions<RedisSessionCacheOptions>>().Value;

        Assert.Equal(_files.File("ca.crt"), options.CertificateAuthorityFile);
        Assert.Equal((_files.File("edge.crt"), _files.File("edge.key")), (options.ClientCertificateFile, options.ClientKeyFile));
    }

    [Fact]
    public void Value_KeyOfAnotherCertificate_IsRefused()
    {
        using var authority = new TestAuthority();
        using var edge = authority.Edge();
        using var other = authority.Edge("edge-2");
        TestAuthority.Write(edge, _files.Path, "edge");
        TestAuthority.Write(other, _files.Path, "other");
        using var services = Services(("Redis", "redis.example:6380,ssl=true"), ("ClientCertificateFile", "edge.crt"), ("ClientKeyFile", "other.key"));

        var fault = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<RedisSessionCacheOptions>>().Value);

        Assert.Contains("allowed: PEM files of a certificate and its own key", fault.Message, StringComparison.Ordinal);
    }

    // A file for TLS beside a connection without: somebody believes what is not so.
    [Fact]
    public void Value_AuthorityWithoutTls_IsRefused()
    {
        using var authority = new TestAuthority();
        authority.WriteAuthority(_files.Path);
        using var services = Services(("Redis", "redis.example:6379"), ("CertificateAuthorityFile", "ca.crt"));

        var fault = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<RedisSessionCacheOptions>>().Value);

        Assert.Contains("Sessions:Redis has no TLS; allowed with it: host:port,ssl=true", fault.Message, StringComparison.Ordinal);
    }

    private ServiceProvider Services(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(pair => $"Sessions:{pair.Key}", pair => (string?)pair.Value))
            .Build();
        return new ServiceCollection().AddLogging().AddRedisSessionCache(configuration, _files.Path).BuildServiceProvider();
    }
}
