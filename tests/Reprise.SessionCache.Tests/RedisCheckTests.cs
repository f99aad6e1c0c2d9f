using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Reprise.Core.Sessions;
using Reprise.Testing;
using StackExchange.Redis;
using static Reprise.SessionCache.Tests.CacheFixtures;

namespace Reprise.SessionCache.Tests;

/// <summary>Which servers are refused, and in which words.</summary>
public sealed class RedisCheckTests(RedisFixture redis) : IDisposable
{
    private const string Password = "correct-horse-battery-staple";

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Start_RedisThatSnapshots_IsRefusedInOneLine()
    {
        await using var server = await StartRealAsync(new RedisOptions { Persistent = true });
        await using var cache = Create(server.ConnectionString);

        var unfit = await Assert.ThrowsAsync<UnfitRedisException>(() => cache.StartAsync(CancellationToken.None));

        Assert.Contains($"{server.Address} writes to disk (save '3600 1', appendonly no)", unfit.Message, StringComparison.Ordinal);
        Assert.Contains("Sessions:AllowPersistence", unfit.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', unfit.Message);
        Assert.Equal(CacheAnswer.Fault, await cache.GetAsync(Key()));
    }

    [Fact]
    public async Task Start_RedisWithAppendOnlyFile_IsRefused()
    {
        await using var server = await StartRealAsync(new RedisOptions());
        await using (var admin = await ConnectionMultiplexer.ConnectAsync($"{server.ConnectionString},allowAdmin=true"))
            await admin.GetServers()[0].ConfigSetAsync("appendonly", "yes");
        await using var cache = Create(server.ConnectionString);

        var unfit = await Assert.ThrowsAsync<UnfitRedisException>(() => cache.StartAsync(CancellationToken.None));

        Assert.Contains("appendonly yes", unfit.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_RedisThatSnapshotsButIsAllowedTo_IsUsed()
    {
        await using var server = await StartRealAsync(new RedisOptions { Persistent = true });
        await using var cache = await StartAsync(server.ConnectionString, change: options => options.AllowPersistence = true);

        Assert.True(await cache.SetAsync(Key(), Value, Hour, singleUse: false));
    }

    [Fact]
    public async Task Restored_WithPersistenceOn_IsUsedNoMore()
    {
        var log = new CapturedLog();
        await using var server = await StartRealAsync(new RedisOptions());
        await using var relay = TcpRelay.Start(server.Port);
        await using var cache = await StartAsync(server.ConnectionStringTo(relay.Address), log);
        await using (var admin = await ConnectionMultiplexer.ConnectAsync($"{server.ConnectionString},allowAdmin=true"))
            await admin.GetServers()[0].ConfigSetAsync("save", "60 1000");

        relay.CutAll();

        await Eventually.TrueAsync(() => log.Count("not used: Redis") == 1, TimeSpan.FromSeconds(30));
        Assert.False(cache.Connected);
        Assert.Equal(CacheAnswer.Fault, await cache.GetAsync(Key()));
    }

    [Fact]
    public async Task Start_RedisThatHidesItsSettings_IsUsedWithAWarning()
    {
        var log = new CapturedLog();
        await using var server = await StartRealAsync(new RedisOptions());
        await using (var admin = await ConnectionMultiplexer.ConnectAsync($"{server.ConnectionString},allowAdmin=true"))
            await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", "edge", "on", $">{Password}", "~*", "+@all", "-config");
        await using var cache = await StartAsync($"{server.Address},user=edge,password={Password}", log);

        Assert.True(await cache.SetAsync(Key(), Value, Hour, singleUse: false));
        Assert.Contains(log.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains("hides whether it writes to disk", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_AnonymousOffLoopback_IsRefused()
    {
        await using var relay = OffLoopback(redis.Server);
        await using var cache = Create(relay.Address);

        var unfit = await Assert.ThrowsAsync<UnfitRedisException>(() => cache.StartAsync(CancellationToken.None));

        Assert.Contains($"Redis {relay.Address} asks for no password", unfit.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', unfit.Message);
    }

    // Redis takes any password for the user `default` where none is set; so does Garnet.
    [Fact]
    public async Task Start_AnonymousOffLoopbackThoughAPasswordIsSent_IsNotUsed()
    {
        await using var relay = OffLoopback(redis.Server);
        await using var cache = Create($"{relay.Address},password={Password}");

        await Record.ExceptionAsync(() => cache.StartAsync(CancellationToken.None));

        Assert.False(cache.Connected);
    }

    [Fact]
    public async Task Start_AnonymousOffLoopbackButAllowed_IsUsed()
    {
        await using var relay = OffLoopback(redis.Server);
        await using var cache = await StartAsync(relay.Address, change: options => options.AllowAnonymous = true);

        Assert.True(await cache.SetAsync(Key(), Value, Hour, singleUse: false));
    }

    [Fact]
    public async Task Start_WithPasswordOffLoopback_IsUsed()
    {
        await using var server = await RedisServer.StartAsync(new RedisOptions { Password = Password });
        await using var relay = OffLoopback(server);
        await using var cache = await StartAsync(server.ConnectionStringTo(relay.Address));

        Assert.True(await cache.SetAsync(Key(), Value, Hour, singleUse: false));
    }

    // What cannot be asked is not known: it must not pass for a server that wants a password.
    [Fact]
    public async Task Run_WhetherAnonymousCannotBeAsked_IsAFailureOfTheCheck()
    {
        await using var relay = OffLoopback(redis.Server);
        var options = new RedisSessionCacheOptions { Redis = relay.Address };
        var configuration = SessionStoreConnection.Configure(options);
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(configuration);
        relay.Refuse(); // from here on: the connections that exist, and no other

        var findings = await RedisCheck.RunAsync(multiplexer, configuration, options);

        Assert.False(findings.Fit);
        Assert.StartsWith(relay.Address, findings.Unasked, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("{0}\n")]
    [InlineData("  {0}\r\nwhatever follows\n")]
    public async Task Start_PasswordFromFile_IsItsFirstLine(string content)
    {
        await using var server = await RedisServer.StartAsync(new RedisOptions { Password = Password });
        var file = _files.Write("password", string.Format(System.Globalization.CultureInfo.InvariantCulture, content, Password));
        await using var cache = await StartAsync(server.Address, change: options => options.PasswordFile = file);

        Assert.True(await cache.SetAsync(Key(), Value, Hour, singleUse: false));
    }

    [Theory]
    [InlineData(",password=wrong-password")]
    [InlineData("")]
    public async Task Start_WrongOrNoPassword_IsAFaultAndNeverInTheLog(string suffix)
    {
        var log = new CapturedLog();
        await using var server = await RedisServer.StartAsync(new RedisOptions { Password = Password });
        await using var cache = await StartAsync(server.Address + suffix, log);

        Assert.False(cache.Connected);
        Assert.Equal(CacheAnswer.Fault, await cache.GetAsync(Key()));
        Assert.False(await cache.SetAsync(Key(), Value, Hour, singleUse: false));
        Assert.Equal(1, log.Count("not reachable"));
        Assert.DoesNotContain("wrong-password", log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "noeviction", "has no memory limit (maxmemory 0)")]
    [InlineData("0", "allkeys-lru", "has no memory limit (maxmemory 0)")]
    [InlineData("64mb", "noeviction", "has maxmemory-policy noeviction")]
    [InlineData("64mb", "allkeys-random", "has maxmemory-policy allkeys-random")]
    [InlineData("64mb", "volatile-lru", null)]
    [InlineData("64mb", "volatile-ttl", null)]
    [InlineData("64mb", "allkeys-lfu", null)]
    public async Task Start_MemoryLimitAndPolicy_AreWarnedOfOnceAndUsed(string limit, string policy, string? warning)
    {
        var log = new CapturedLog();
        await using var server = await RealRedis.StartAsync(new RedisOptions { Arguments = ["--maxmemory", limit, "--maxmemory-policy", policy] });
        await using var relay = TcpRelay.Start(server.Port);
        await using var cache = await StartAsync(server.ConnectionStringTo(relay.Address), log);
        await AssertServesAsync(cache);

        relay.CutAll(); // what was said is not said again when it is checked again
        await Eventually.TrueAsync(() => log.Count("Session store: connected") == 2, TimeSpan.FromSeconds(60));

        var warnings = log.Lines.Where(line => line.Level == LogLevel.Warning && line.Text.Contains("maxmemory", StringComparison.Ordinal)).ToList();
        if (warning is null)
            Assert.Empty(warnings);
        else
            Assert.Contains($"Redis {relay.Address} {warning}", Assert.Single(warnings).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5.0.14", true)]
    [InlineData("6.0.20", true)]
    [InlineData("6.2.0", false)]
    [InlineData("7.4.1", false)]
    [InlineData("8.2.0", false)]
    [InlineData("hidden", false)]
    [InlineData(null, false)]
    public void Version_WithoutGetDel_IsRefused(string? version, bool refused)
    {
        var info = version is null ? [] : new Dictionary<string, string> { ["redis_version"] = version };

        var unfit = Record.Exception(() => RedisCheck.RequireVersion("127.0.0.1:6379", info));

        Assert.Equal(refused, unfit is UnfitRedisException);
        if (refused)
            Assert.Equal($"Redis 127.0.0.1:6379 is version {version}, which has no GETDEL; use 6.2 or later.", unfit!.Message);
    }

    // The operator mends the server; the node finds that by itself.
    [Fact]
    public async Task Unfit_MendedWhileConnected_IsUsedAgain()
    {
        var log = new CapturedLog();
        await using var server = await RealRedis.StartAsync();
        await using var relay = TcpRelay.Start(server.Port);
        await using var cache = await StartAsync(server.ConnectionStringTo(relay.Address), log);
        await server.Cli.RunAsync("CONFIG", "SET", "save", "60 1000");
        relay.CutAll();
        await Eventually.TrueAsync(() => log.Count("not used: Redis") == 1, TimeSpan.FromSeconds(60));

        await server.Cli.RunAsync("CONFIG", "SET", "save", "");

        await AssertServesAsync(cache);
        Assert.Equal(1, log.Count("not used: Redis"));
    }

    private static async Task<RedisServer> StartRealAsync(RedisOptions options)
    {
        var kind = await RedisServer.CanRunAsync(RedisKind.Local) ? RedisKind.Local : RedisKind.Container;
        Assert.SkipUnless(await RedisServer.CanRunAsync(kind), "No Redis here; Garnet has neither CONFIG SET nor ACL as Redis has them.");
        return await RedisServer.StartAsync(options with { Kind = kind });
    }

    private static TcpRelay OffLoopback(RedisServer server)
    {
        var own = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(address => address.Address)
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        Assert.SkipWhen(own is null, "This machine has no address but loopback.");
        return TcpRelay.Start(server.Address, own);
    }
}
