using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>What a server needs that verifies its clients.</summary>
internal static unsafe partial class LibSsl
{
    internal const int SSL_VERIFY_NONE = 0x00;
    internal const int SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 0x02;

    internal const int SSL_CTRL_SET_MAX_CERT_LIST = 51;
    internal const int SSL_CTRL_SET_VERIFY_CERT_STORE = 106;
    internal const int SSL_CTRL_GET_VERIFY_CERT_STORE = 137;

    [LibraryImport(Name)] internal static partial int SSL_CTX_add_client_CA(nint ctx, nint x);
    [LibraryImport(Name)] internal static partial void SSL_CTX_set_cert_verify_callback(nint ctx, delegate* unmanaged<nint, void*, int> cb, void* arg);

    [LibraryImport(Name), SuppressGCTransition] internal static partial void SSL_set_verify(nint ssl, int mode, void* callback);
    [LibraryImport(Name)] internal static partial int SSL_get_ex_data_X509_STORE_CTX_idx();
    [LibraryImport(Name), SuppressGCTransition] internal static partial int SSL_get_security_level(nint ssl);
    [LibraryImport(Name), SuppressGCTransition] internal static partial nint SSL_get0_verified_chain(nint ssl);
    [LibraryImport(Name), SuppressGCTransition] internal static partial nint SSL_get0_peer_certificate(nint ssl);
    [LibraryImport(Name), SuppressGCTransition] internal static partial nint SSL_SESSION_get0_peer(nint s);
}
