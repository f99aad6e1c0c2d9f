using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>Tells the end of a PEM file from a block that cannot be read: reading says "failed" at both.</summary>
internal static class PemEnd
{
    private const ulong NoStartLine = 9UL << 23 | 108; // ERR_LIB_PEM, PEM_R_NO_START_LINE

    /// <summary>Of the last read; looks at the queue and leaves it.</summary>
    public static bool WasReached() => LibCrypto.ERR_peek_last_error() == NoStartLine;
}
