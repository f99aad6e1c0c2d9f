using Reprise.Core.Sessions;

namespace Reprise.SessionCache.Scan;

/// <summary>Counts up the sessions of one scope.</summary>
internal sealed class ScopeTally
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, long> _purges = [];
    private long _count;
    private double _ageSeconds;
    private TimeSpan _oldest;
    private (long Count, long Sum) _bytes;
    private (long Count, double Sum) _left;

    /// <returns>The number of this session.</returns>
    public long Add(SealedSessionHeader header, DateTimeOffset now)
    {
        lock (_gate)
        {
            var age = now > header.SealedAt ? now - header.SealedAt : TimeSpan.Zero; // clocks differ
            _ageSeconds += age.TotalSeconds;
            _oldest = age > _oldest ? age : _oldest;
            _purges[header.Purge] = _purges.GetValueOrDefault(header.Purge) + 1;
            return ++_count;
        }
    }

    public void Sample(long? bytes, TimeSpan? left)
    {
        lock (_gate)
        {
            if (bytes is { } size)
                _bytes = (_bytes.Count + 1, _bytes.Sum + size);
            if (left is { } time)
                _left = (_left.Count + 1, _left.Sum + time.TotalSeconds);
        }
    }

    public ScopeStatistics Sum(uint tag)
    {
        lock (_gate)
        {
            return new ScopeStatistics(
                tag, _count, _bytes.Count == 0 ? null : (double)_bytes.Sum / _bytes.Count, TimeSpan.FromSeconds(_ageSeconds / Math.Max(1, _count)), _oldest,
                _left.Count == 0 ? null : TimeSpan.FromSeconds(_left.Sum / _left.Count), new Dictionary<long, long>(_purges));
        }
    }
}
