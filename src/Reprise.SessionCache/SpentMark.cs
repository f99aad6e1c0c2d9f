namespace Reprise.SessionCache;

/// <summary>
/// What is left in the place of a single-use value that was taken. It opens nothing and says nothing of whose it was. Kept for as long as a
/// client is likely to come a second time with what it has, and not for the rest of the session's life: each resumption leaves one.
/// </summary>
internal static class SpentMark
{
    /// <summary>No format of a stored session begins with 0.</summary>
    public static readonly byte[] Value = [0];

    public static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    public static bool Is(ReadOnlySpan<byte> value) => value.SequenceEqual(Value);
}
