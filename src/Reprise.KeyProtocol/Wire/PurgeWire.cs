using System.Diagnostics.CodeAnalysis;
using Reprise.Core.Keys;

namespace Reprise.KeyProtocol.Wire;

/// <summary>Purge numbers to and from the wire.</summary>
public static class PurgeWire
{
    private const int LongestName = 256;

    public static IEnumerable<V1.Purge> ToWire(this PurgeNumbers purges) =>
        purges.Numbers.Select(pair => new V1.Purge { Profile = pair.Key, Number = pair.Value });

    /// <param name="wire">Of a key ring, from a key service.</param>
    /// <param name="purges">Set on success.</param>
    /// <param name="reason">On failure, why.</param>
    public static bool TryParse(
        IReadOnlyCollection<V1.Purge> wire, [NotNullWhen(true)] out PurgeNumbers? purges, [NotNullWhen(false)] out string? reason)
    {
        purges = null;
        reason = wire.Count > PurgeNumbers.MostNames ? $"it holds {wire.Count} purges, where {PurgeNumbers.MostNames} are allowed"
            : wire.Any(purge => !IsSound(purge)) ? "it holds a purge with a number that is not positive or a name that is too long"
            : null;
        if (reason is not null)
            return false;
        purges = Merge(wire);
        return true;
    }

    /// <summary>
    /// What a node says that it holds, less what cannot be counted on from. A number ahead of the clock is believed: an earlier service
    /// may have made it by a clock that was fast, and a purge must come above it to be one.
    /// </summary>
    /// <param name="wire">Of a Hello.</param>
    public static PurgeNumbers Believable(IReadOnlyCollection<V1.Purge> wire) =>
        Merge(wire.Take(PurgeNumbers.MostNames).Where(purge => IsSound(purge) && (purge.Profile.Length == 0 || ProfileName.IsSound(purge.Profile)) && purge.Number < long.MaxValue / 2));

    private static PurgeNumbers Merge(IEnumerable<V1.Purge> wire) =>
        wire.Aggregate(PurgeNumbers.None, (numbers, purge) => numbers.Raise(purge.Profile, purge.Number));

    private static bool IsSound(V1.Purge purge) => purge.Number > 0 && purge.Profile.Length <= LongestName;
}
