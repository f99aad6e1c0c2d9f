using Reprise.Testing;

namespace Reprise.SessionCache.Tests;

/// <summary>For tests that need what Garnet has not: Sentinel, Cluster, TLS, ACL users, CONFIG SET, replicas.</summary>
internal static class RealRedis
{
    /// <summary>Skips the test on a machine without <c>redis-server</c>; the gate installs it, and takes a skip for a failure.</summary>
    public static async Task RequireAsync() =>
        Assert.SkipUnless(await RedisServer.CanRunAsync(RedisKind.Local), "Needs redis-server and redis-cli (Debian's package redis-server).");

    public static async Task<RedisServer> StartAsync(RedisOptions? options = null)
    {
        await RequireAsync();
        return await RedisServer.StartAsync((options ?? new RedisOptions()) with { Kind = RedisKind.Local });
    }
}
