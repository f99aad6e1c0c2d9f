namespace Reprise.SessionCache.Scan;

/// <summary>The stored sessions of one scope.</summary>
/// <param name="Tag">The scope's first bytes.</param>
/// <param name="Count">Sessions seen.</param>
/// <param name="BytesEach">Mean of what a sample takes in the server's memory, key and all; null if the server does not say.</param>
/// <param name="MeanAge">Since they were sealed.</param>
/// <param name="Oldest">The age of the oldest.</param>
/// <param name="MeanTimeLeft">Of the same sample, until the server drops them; null if it does not say.</param>
/// <param name="ByPurge">Sessions by the purge number that they were sealed under.</param>
public sealed record ScopeStatistics(
    uint Tag, long Count, double? BytesEach, TimeSpan MeanAge, TimeSpan Oldest, TimeSpan? MeanTimeLeft, IReadOnlyDictionary<long, long> ByPurge)
{
    /// <summary>Estimate for all of them.</summary>
    public long? Bytes => BytesEach is { } each ? (long)(each * Count) : null;

    /// <summary>Those that were sealed under a lower number: purged, and not yet swept.</summary>
    public long PurgedBelow(long number) => ByPurge.Where(pair => pair.Key < number).Sum(pair => pair.Value);
}
