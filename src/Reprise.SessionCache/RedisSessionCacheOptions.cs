using System.ComponentModel.DataAnnotations;
using Reprise.Redis;

namespace Reprise.SessionCache;

/// <summary>The shared session store and how long a handshake waits for it. Without <see cref="RedisConnectionOptions.Redis"/> no profile may be stateful.</summary>
public sealed class RedisSessionCacheOptions : RedisConnectionOptions
{
    public const string SectionName = "Sessions";

    /// <summary>How long a handshake waits for a lookup before it goes on as a full one. Default 20 ms.</summary>
    public TimeSpan LookupBudget { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long the flight that tells a client of its session waits for the store. Default 20 ms.</summary>
    public TimeSpan StoreBudget { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// How long the store is left alone after five failures in a row: calls slower than their budget, lost connections, refusals such as
    /// OOM, READONLY, NOPERM or LOADING. Meanwhile handshakes are full ones and wait for nothing; then one lookup or store is tried.
    /// Default 1 s.
    /// </summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>TLS 1.2 sessions of each profile that each node keeps in memory besides. Default 10,000 (some 6 MB); 0: none.</summary>
    [Range(0, 10_000_000)]
    public int NearCacheEntries { get; set; } = 10_000;

    /// <summary>How long such a copy is used before the store is asked again. Default 5 min.</summary>
    public TimeSpan NearCacheAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Uses a Redis that writes sessions to disk (RDB or AOF). Default false: such a Redis is refused.</summary>
    public bool AllowPersistence { get; set; }

    /// <summary>Uses a Redis without AUTH that is not on loopback. Default false: such a Redis is refused.</summary>
    public bool AllowAnonymous { get; set; }
}
