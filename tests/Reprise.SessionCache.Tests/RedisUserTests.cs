using Microsoft.Extensions.Logging;
using Reprise.Core.Sessions;
using Reprise.Testing;
using static Reprise.SessionCache.Tests.CacheFixtures;

namespace Reprise.SessionCache.Tests;

/// <summary>ACL users and passwords: too few rights, and rotation.</summary>
public sealed class RedisUserTests : IDisposable
{
    private const string Password = "correct-horse-battery-staple";
    private const string NewPassword = "tr0ub4dor-and-three";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    // The least there is to give, as the README says.
    [Fact]
    public async Task User_WithTheLeastRights_StoresAndFindsAndWarnsOfNothingHidden()
    {
        var log = new CapturedLog();
        await using var server = await RealRedis.StartAsync(new RedisOptions
        {
            Password = "of-the-default-user",
            Users = [$"edge on >{Password} ~reprise:* -@all +@connection +set +setex +psetex +get +getdel +info +config|get"],
            Arguments = ["--maxmemory", "64mb", "--maxmemory-policy", "volatile-lru"],
        });
        await using var cache = await StartAsync($"{server.Address},user=edge,password={Password}", log);

        await AssertServesAsync(cache);
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task User_WithTheWrongRole_IsAFaultWithItsReasonInTheLog()
    {
        var log = new CapturedLog();
        await using var server = await RealRedis.StartAsync(new RedisOptions
        {
            Password = "of-the-default-user",
            Users = [$"edge on >{Password} ~other:* -@all +@connection +set +setex +psetex +get +info +config|get"],
        });
        await using var cache = await StartAsync($"{server.Address},user=edge,password={Password}", log);

        await Eventually.TrueAsync(
            async () =>
            {
                Assert.False(await cache.SetAsync(Key(), Value, Hour, singleUse: true));
                Assert.Equal(CacheAnswer.Fault, await cache.GetAsync(Key()));
                Assert.Equal(CacheAnswer.Fault, await cache.TakeAsync(Key()));
                return log.Count("the last one 'NOPERM'") == 1;
            },
            Patience);
        Assert.DoesNotContain(Password, log.Text, StringComparison.Ordinal);

        await server.Cli.RunAsync("ACL", "SETUSER", "edge", "~reprise:*", "+getdel");
        await AssertServesAsync(cache);
    }

    [Fact]
    public async Task Password_RotatedInItsFile_IsUsedAtTheNextConnection()
    {
        var log = new CapturedLog();
        var file = _files.Write("password", Password + "\n");
        await using var server = await RealRedis.StartAsync(new RedisOptions { Password = "of-the-default-user", Users = [$"edge on >{Password} ~reprise:* +@all"] });
        await using var cache = await StartAsync($"{server.Address},user=edge", log, options => options.PasswordFile = file);
        await AssertServesAsync(cache);

        // As people do it: the new one is added, written everywhere, the old one taken away.
        await server.Cli.RunAsync("ACL", "SETUSER", "edge", $">{NewPassword}");
        _files.Write("password", NewPassword + "\n");
        await server.Cli.RunAsync("ACL", "SETUSER", "edge", $"<{Password}");
        await server.Cli.RunAsync("CLIENT", "KILL", "USER", "edge");

        await Eventually.TrueAsync(() => log.Count("connection lost") >= 1, Patience);
        await AssertServesAsync(cache);
        Assert.DoesNotContain(Password, log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(NewPassword, log.Text, StringComparison.Ordinal);
    }

    // The other order: the server first, so that the node is refused until its file is right.
    [Fact]
    public async Task Password_WrongAtTheStart_IsUsedOnceTheFileIsRight()
    {
        var file = _files.Write("password", "wrong\n");
        await using var server = await RealRedis.StartAsync(new RedisOptions { Password = Password });
        await using var cache = await StartAsync(server.Address, change: options => options.PasswordFile = file);
        Assert.False(cache.Connected);

        _files.Write("password", Password);

        await AssertServesAsync(cache);
    }
}
