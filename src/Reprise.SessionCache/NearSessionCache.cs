using BitFaster.Caching;
using BitFaster.Caching.Lru;
using Microsoft.Extensions.Options;
using Reprise.Core.Sessions;

namespace Reprise.SessionCache;

/// <summary>
/// Keeps TLS 1.2 sessions that this node has stored or found lately, so that a client that stays with a node costs the store
/// nothing. Values stay sealed: a session whose epoch or scope is gone does not open from here either. Single-use handles never
/// come here. While the store is away it answers nothing, so that all nodes then behave alike.
/// </summary>
public sealed class NearSessionCache : ISessionCache
{
    private readonly RedisSessionCache _store;
    private readonly ICache<SessionKey, byte[]>? _near;
    private long _hits;
    private long _misses;

    public NearSessionCache(RedisSessionCache store, IOptions<RedisSessionCacheOptions> options)
    {
        _store = store;
        if (options.Value.NearCacheEntries > 0)
        {
            _near = new ConcurrentLruBuilder<SessionKey, byte[]>()
                .WithCapacity(Math.Max(options.Value.NearCacheEntries, 3)) // the least that the library makes
                .WithExpireAfterWrite(options.Value.NearCacheAge)
                .Build();
        }
    }

    /// <summary>Lookups answered here.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Lookups passed on to the store.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>Sessions held.</summary>
    public int Count => _near?.Count ?? 0;

    public async ValueTask<bool> SetAsync(SessionKey key, byte[] value, TimeSpan timeToLive, bool singleUse)
    {
        var stored = await _store.SetAsync(key, value, timeToLive, singleUse).ConfigureAwait(false);
        if (stored && !singleUse)
            _near?.AddOrUpdate(key, value);
        return stored;
    }

    public ValueTask<CacheAnswer> GetAsync(SessionKey key)
    {
        if (_near is null || !_store.Connected)
            return _store.GetAsync(key);
        if (_near.TryGet(key, out var value))
        {
            Interlocked.Increment(ref _hits);
            return ValueTask.FromResult(new CacheAnswer(value, Faulted: false));
        }

        Interlocked.Increment(ref _misses);
        return FillAsync(key);
    }

    public ValueTask<CacheAnswer> TakeAsync(SessionKey key) => _store.TakeAsync(key);

    private async ValueTask<CacheAnswer> FillAsync(SessionKey key)
    {
        var answer = await _store.GetAsync(key).ConfigureAwait(false);
        if (answer.Value is { } value)
            _near!.AddOrUpdate(key, value);
        return answer;
    }
}
