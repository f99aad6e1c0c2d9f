using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Reprise.Core.Sessions;
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
    public async Task ISessionCache_IsTheNearCacheBeforeRedis()
    {
        await using var services = Services(("Redis", "127.0.0.1:1"));

        Assert.IsType<NearSessionCache>(services.GetRequiredService<ISessionCache>());
    }

    private ServiceProvider Services(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(pair => $"Sessions:{pair.Key}", pair => (string?)pair.Value))
            .Build();
        return new ServiceCollection().AddLogging().AddRedisSessionCache(configuration, _files.Path).BuildServiceProvider();
    }
}
