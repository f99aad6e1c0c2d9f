namespace Reprise.Core.Keys;

/// <summary>How long epochs live.</summary>
/// <param name="Interval">Between rotations. An active epoch that nobody replaces seals for twice as long, then no more.</param>
/// <param name="DecryptLife">How long an epoch opens after it has ceased to seal.</param>
public readonly record struct EpochLifetimes(TimeSpan Interval, TimeSpan DecryptLife)
{
    /// <summary>When an epoch that begins to seal at this time must cease to, if it has no successor.</summary>
    public DateTimeOffset SealUntil(DateTimeOffset activatesAt) => activatesAt + 2 * Interval;
}
