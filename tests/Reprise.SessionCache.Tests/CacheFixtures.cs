using System.Buffers.Binary;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Reprise.Core.Sessions;
using Reprise.Testing;

namespace Reprise.SessionCache.Tests;

internal static class CacheFixtures
{
    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    public static readonly TimeSpan LongBudget = TimeSpan.FromSeconds(5);
    public static readonly byte[] Value = [1, 0, 255, 13, 10, 42];

    /// <summary>A key that no other test uses.</summary>
    public static SessionKey Key() => SessionKey.OfHandle(Guid.NewGuid().ToByteArray());

    /// <summary>The header of a stored session, and then some.</summary>
    public static byte[] Header(long epoch, uint scopeTag = 1, long purge = 0, DateTimeOffset? sealedAt = null)
    {
        var value = new byte[SealedSession.Overhead + 100];
        value[0] = 1;
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(1), epoch);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(9), scopeTag);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(13), purge);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(21), (uint)(sealedAt ?? DateTimeOffset.UnixEpoch).ToUnixTimeSeconds());
        return value;
    }

    public static RedisSessionCache Create(string redis, CapturedLog? log = null, Action<RedisSessionCacheOptions>? change = null, IConnectionFactory? connections = null)
    {
        // Budgets that a busy machine keeps: what is late opens the breaker, which a test that means it asks for.
        var options = new RedisSessionCacheOptions { Redis = redis, LookupBudget = LongBudget, StoreBudget = LongBudget, BreakDuration = TimeSpan.FromMilliseconds(100) };
        change?.Invoke(options);
        return new RedisSessionCache(
            Options.Create(options), TimeProvider.System, new LoggerFactory(log is null ? [] : [log]).CreateLogger<RedisSessionCache>(), connections);
    }

    /// <summary>Started and connected.</summary>
    public static async Task<RedisSessionCache> StartAsync(string redis, CapturedLog? log = null, Action<RedisSessionCacheOptions>? change = null, IConnectionFactory? connections = null)
    {
        var cache = Create(redis, log, change, connections);
        await cache.StartAsync(CancellationToken.None);
        return cache;
    }

    /// <summary>Stores, finds and takes; after some time, if it has to find its way first.</summary>
    public static Task AssertServesAsync(RedisSessionCache cache) => Eventually.TrueAsync(
        async () =>
        {
            var key = Key();
            return await cache.SetAsync(key, Value, Hour, singleUse: true)
                && (await cache.GetAsync(key)).Value?.SequenceEqual(Value) == true
                && (await cache.TakeAsync(key)).Value?.SequenceEqual(Value) == true;
        },
        TimeSpan.FromSeconds(60));

    public static int Count(this CapturedLog log, string text) => log.Lines.Count(line => line.Text.Contains(text, StringComparison.Ordinal));
}
