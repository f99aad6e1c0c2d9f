namespace Reprise.Core.Sessions;

/// <summary>An answer of the session cache.</summary>
/// <param name="Value">The stored value, or null.</param>
/// <param name="Faulted">The store could not be asked, or answered with an error, or not in time.</param>
public readonly record struct CacheAnswer(byte[]? Value, bool Faulted)
{
    public static CacheAnswer Miss => default;

    public static CacheAnswer Fault => new(null, true);

    /// <summary>No value: it was to be taken once, and has been, a short time ago.</summary>
    public static CacheAnswer Spent => new(null, false) { IsSpent = true };

    /// <summary>A fault: the store was asked, and had not answered when it was given up.</summary>
    public static CacheAnswer Late => new(null, true) { IsLate = true };

    public bool IsSpent { get; private init; }

    public bool IsLate { get; private init; }
}
