using BitFaster.Caching;
using BitFaster.Caching.Lru;
using Reprise.Core.Sessions;

namespace Reprise.SessionCache;

/// <summary>
/// Keeps TLS 1.2 sessions of one profile that this node has stored or found lately, so that a client that stays with a node costs
/// the store nothing. Values stay sealed: a session that was purged, or whose epoch or scope is gone, does not open from here either;
/// <see cref="Clear"/> and <see cref="Keep"/> only give its memory back. Single-use handles never come here. While the store is not
/// connected it answers nothing, so that all nodes then behave alike.
/// </summary>
public sealed class NearSessionCache : ISessionCache
{
    private const int LongestValue = 64 * 1024; // bytes; a client's chain of certificates fits

    private readonly RedisSessionCache _store;
    private readonly ICache<SessionKey, byte[]>? _near;
    private long _hits;
    private long _misses;

    /// <param name="store">What all nodes share.</param>
    /// <param name="entries">How many at most; 0: none.</param>
    /// <param name="age">How long one is used before the store is asked again.</param>
    public NearSessionCache(RedisSessionCache store, int entries, TimeSpan age)
    {
        _store = store;
        if (entries > 0)
        {
            _near = new ConcurrentLruBuilder<SessionKey, byte[]>()
                .WithCapacity(Math.Max(entries, 3)) // the least that the library makes
                .WithExpireAfterWrite(age)
                .WithMetrics()
                .Build();
        }
    }

    /// <summary>Lookups answered here.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Lookups passed on to the store.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>Sessions that had to make room for others, or were too old.</summary>
    public long Evictions => _near?.Metrics.Value?.Evicted ?? 0;

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

    /// <summary>What <see cref="GetAsync"/> would answer without asking the store, or null. Counts as no lookup, and keeps nothing.</summary>
    /// <param name="key">Where.</param>
    public byte[]? Peek(SessionKey key) => _near is not null && _store.Connected && _near.TryGet(key, out var value) ? value : null;

    /// <summary>Forgets all: the profile was purged.</summary>
    public void Clear() => _near?.Clear();

    /// <summary>Forgets what was sealed under an epoch that does not open any more.</summary>
    /// <param name="opens">Whether an epoch opens.</param>
    public void Keep(Func<long, bool> opens)
    {
        if (_near is null)
            return;
        foreach (var (key, value) in _near)
        {
            if (!SealedSessionHeader.TryRead(value, out var header) || !opens(header.Epoch))
                _near.TryRemove(key);
        }
    }

    private async ValueTask<CacheAnswer> FillAsync(SessionKey key)
    {
        var answer = await _store.GetAsync(key).ConfigureAwait(false);
        // Whoever can write to the store must not fill this node's memory through it.
        if (answer.Value is { Length: <= LongestValue } value && SealedSessionHeader.TryRead(value, out _))
            _near!.AddOrUpdate(key, value);
        return answer;
    }
}
