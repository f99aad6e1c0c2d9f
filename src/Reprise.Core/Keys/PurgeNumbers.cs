using System.Collections.Immutable;

namespace Reprise.Core.Keys;

/// <summary>
/// From when on a profile's stored sessions count: one sealed under a lower number is purged. Numbers are Unix milliseconds and
/// only grow; a profile that was never purged has 0. Immutable.
/// </summary>
public sealed class PurgeNumbers
{
    /// <summary>What stands for all profiles, those to come too.</summary>
    public const string AllProfiles = "";

    /// <summary>More names than this are a fault: they come from configurations.</summary>
    public const int MostNames = 4096;

    private readonly ImmutableSortedDictionary<string, long> _numbers;

    private PurgeNumbers(ImmutableSortedDictionary<string, long> numbers) => _numbers = numbers;

    public static PurgeNumbers None { get; } = new(ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal));

    /// <summary>By name; <see cref="AllProfiles"/> among them.</summary>
    public IReadOnlyDictionary<string, long> Numbers => _numbers;

    /// <summary>What holds for every profile.</summary>
    public long All => _numbers.GetValueOrDefault(AllProfiles);

    /// <summary>What holds for this profile.</summary>
    public long Of(string profile) => Math.Max(All, _numbers.GetValueOrDefault(profile));

    /// <summary>Purged now: the next number, which is higher than any before it.</summary>
    public PurgeNumbers Purge(string profile, DateTimeOffset now)
    {
        var next = Math.Max(now.ToUnixTimeMilliseconds(), _numbers.Values.DefaultIfEmpty().Max() + 1);
        return Raise(profile, next);
    }

    /// <summary>With this number for this profile, unless it has as high a one; then this object itself.</summary>
    public PurgeNumbers Raise(string profile, long number)
    {
        if (number <= Of(profile))
            return this;
        // More names than nodes would take: then all are purged, which forgets them.
        if (profile != AllProfiles && _numbers.Count >= MostNames && !_numbers.ContainsKey(profile))
            profile = AllProfiles;
        if (profile != AllProfiles)
            return new(_numbers.SetItem(profile, number));
        // What is not above it says nothing any more.
        return new(_numbers.RemoveRange(_numbers.Where(pair => pair.Value <= number).Select(pair => pair.Key)).Add(profile, number));
    }

    /// <summary>The higher of both for each profile; this object itself if the other says nothing new.</summary>
    public PurgeNumbers Merge(PurgeNumbers other)
    {
        var merged = this;
        foreach (var (profile, number) in other._numbers)
            merged = merged.Raise(profile, number);
        return merged;
    }
}
