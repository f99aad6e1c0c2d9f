using System.Runtime.InteropServices;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>The OpenSSL in use.</summary>
public static unsafe class OpenSslLibrary
{
    /// <summary>As OpenSSL says it: <c>OpenSSL 3.0.19 27 Jan 2026</c>.</summary>
    public static string Version
    {
        get
        {
            NativeLibraries.EnsureUsable();
            return Marshal.PtrToStringUTF8((nint)LibCrypto.OpenSSL_version(0))!;
        }
    }

    /// <exception cref="OpenSslException">libssl is missing or too old; one line, with the version found and the one needed.</exception>
    public static void EnsureUsable() => NativeLibraries.EnsureUsable();
}
