namespace Reprise.SessionCache.Scan;

/// <summary>What a sweep came to.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Claimed">Whether it is this node's to sweep.</param>
/// <param name="Seen">Sessions looked at.</param>
/// <param name="Removed">Of these.</param>
/// <param name="Fault">Why it failed, where the store said.</param>
public readonly record struct SweepResult(SweepEnd End, bool Claimed, long Seen, long Removed, string? Fault = null);

public enum SweepEnd
{
    Done,

    /// <summary>Another node sweeps, or has.</summary>
    Others,

    /// <summary>The store could not be asked; to be tried again.</summary>
    Failed,
}
