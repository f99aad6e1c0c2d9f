using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>What only a client needs.</summary>
internal static unsafe partial class LibCrypto
{
    [LibraryImport(Name)] internal static partial byte* X509_verify_cert_error_string(nint n);
}
