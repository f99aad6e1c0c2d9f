namespace Reprise.Core.Sessions;

/// <summary>An answer of the session cache.</summary>
/// <param name="Value">The stored value, or null.</param>
/// <param name="Faulted">The store could not be asked, or answered with an error.</param>
public readonly record struct CacheAnswer(byte[]? Value, bool Faulted)
{
    public static CacheAnswer Miss => default;

    public static CacheAnswer Fault => new(null, true);
}
