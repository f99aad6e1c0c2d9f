using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>What a recording of a connection needs.</summary>
internal static unsafe partial class LibCrypto
{
    internal const int BIO_CB_READ = 0x02;
    internal const int BIO_CB_WRITE = 0x03;
    internal const int BIO_CB_RETURN = 0x80;

    [LibraryImport(Name)] internal static partial void BIO_set_callback_ex(nint b, delegate* unmanaged<nint, int, byte*, nuint, int, nint, int, nuint*, nint> callback);
    [LibraryImport(Name)] internal static partial void BIO_set_callback_arg(nint b, void* arg);
    [LibraryImport(Name)] internal static partial void* BIO_get_callback_arg(nint b);
}
