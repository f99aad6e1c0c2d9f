using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>What a recording of a connection needs.</summary>
internal static unsafe partial class LibSsl
{
    internal const int SSL3_RT_HEADER = 0x100;

    [LibraryImport(Name)] internal static partial nint SSL_get_rbio(nint ssl);
    [LibraryImport(Name)] internal static partial void SSL_set_msg_callback(nint ssl, delegate* unmanaged<int, int, int, byte*, nuint, nint, void*, void> cb);
    [LibraryImport(Name)] internal static partial void SSL_CTX_set_keylog_callback(nint ctx, delegate* unmanaged<nint, byte*, void> cb);
}
