using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>What only a client needs.</summary>
internal static unsafe partial class LibSsl
{
    internal const int SSL_VERIFY_PEER = 0x01;

    internal const int SSL_SESS_CACHE_CLIENT = 0x1;

    internal const int SSL_CTRL_SET_TLSEXT_HOSTNAME = 55;
    internal const int TLSEXT_NAMETYPE_host_name = 0;

    internal const int SSL_FILETYPE_PEM = 1;

    internal const nint X509_V_OK = 0;

    [LibraryImport(Name)] internal static partial nint TLS_client_method();
    [LibraryImport(Name)] internal static partial int SSL_CTX_load_verify_locations(nint ctx, byte* CAfile, byte* CApath);
    [LibraryImport(Name)] internal static partial int SSL_CTX_set_default_verify_paths(nint ctx);
    [LibraryImport(Name)] internal static partial int SSL_CTX_use_certificate_chain_file(nint ctx, byte* file);
    [LibraryImport(Name)] internal static partial int SSL_CTX_use_PrivateKey_file(nint ctx, byte* file, int type);
    [LibraryImport(Name)] internal static partial void SSL_CTX_set_verify(nint ctx, int mode, void* callback);

    [LibraryImport(Name)] internal static partial void SSL_set_connect_state(nint ssl);
    [LibraryImport(Name)] internal static partial int SSL_set_fd(nint ssl, int fd);
    [LibraryImport(Name)] internal static partial int SSL_set1_host(nint ssl, byte* hostname);
    [LibraryImport(Name)] internal static partial int SSL_set_alpn_protos(nint ssl, byte* protos, uint protos_len);
    [LibraryImport(Name)] internal static partial int SSL_set_session(nint ssl, nint session);
    [LibraryImport(Name)] internal static partial nint SSL_get_verify_result(nint ssl);

    [LibraryImport(Name)] internal static partial int SSL_SESSION_has_ticket(nint s);
    [LibraryImport(Name)] internal static partial int SSL_SESSION_is_resumable(nint s);
    [LibraryImport(Name)] internal static partial nuint SSL_SESSION_get_ticket_lifetime_hint(nint s);
    [LibraryImport(Name)] internal static partial nint SSL_SESSION_dup(nint s);
    [LibraryImport(Name)] internal static partial nint SSL_get1_session(nint ssl);
}
