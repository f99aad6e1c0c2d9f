using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>libssl, names and types as in OpenSSL's headers; macros over SSL_CTX_ctrl are spelled out by their numbers.</summary>
internal static unsafe partial class LibSsl
{
    internal const string Name = "libssl";

    internal const int TLS1_2_VERSION = 0x0303;
    internal const int TLS1_3_VERSION = 0x0304;

    internal const ulong SSL_OP_NO_TICKET = 1UL << 14;
    internal const ulong SSL_OP_NO_COMPRESSION = 1UL << 17;
    internal const ulong SSL_OP_PRIORITIZE_CHACHA = 1UL << 21;
    internal const ulong SSL_OP_CIPHER_SERVER_PREFERENCE = 1UL << 22;
    internal const ulong SSL_OP_NO_RENEGOTIATION = 1UL << 30;

    internal const int SSL_MODE_ENABLE_PARTIAL_WRITE = 0x1;
    internal const int SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 0x2;
    internal const int SSL_MODE_NO_AUTO_CHAIN = 0x8;
    internal const int SSL_MODE_RELEASE_BUFFERS = 0x10;

    internal const int SSL_SESS_CACHE_SERVER = 0x2;
    internal const int SSL_SESS_CACHE_NO_AUTO_CLEAR = 0x80;
    internal const int SSL_SESS_CACHE_NO_INTERNAL = 0x300;

    internal const int SSL_CTRL_MODE = 33;
    internal const int SSL_CTRL_SET_READ_AHEAD = 41;
    internal const int SSL_CTRL_SET_SESS_CACHE_MODE = 44;
    internal const int SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB = 63;
    internal const int SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP = 71;
    internal const int SSL_CTRL_CHAIN_CERT = 89;
    internal const int SSL_CTRL_SET_GROUPS_LIST = 92;
    internal const int SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
    internal const int SSL_CTRL_SET_MAX_PROTO_VERSION = 124;
    internal const int SSL_CTRL_GET_NEGOTIATED_GROUP = 134;

    internal const int SSL_ERROR_WANT_READ = 2;
    internal const int SSL_ERROR_WANT_WRITE = 3;
    internal const int SSL_ERROR_SYSCALL = 5;
    internal const int SSL_ERROR_ZERO_RETURN = 6;
    internal const int SSL_ERROR_WANT_CLIENT_HELLO_CB = 11;

    internal const int SSL_CLIENT_HELLO_SUCCESS = 1;
    internal const int SSL_CLIENT_HELLO_ERROR = 0;
    internal const int SSL_CLIENT_HELLO_RETRY = -1;

    internal const int SSL_TLSEXT_ERR_OK = 0;
    internal const int SSL_TLSEXT_ERR_ALERT_FATAL = 2;
    internal const int SSL_TLSEXT_ERR_NOACK = 3;

    internal const int SSL_AD_INTERNAL_ERROR = 80;
    internal const int SSL_AD_UNRECOGNIZED_NAME = 112;

    internal const int SSL_TICKET_NO_DECRYPT = 4;
    internal const int SSL_TICKET_SUCCESS = 5;
    internal const int SSL_TICKET_SUCCESS_RENEW = 6;
    internal const int SSL_TICKET_RETURN_IGNORE_RENEW = 2;
    internal const int SSL_TICKET_RETURN_USE = 3;
    internal const int SSL_TICKET_RETURN_USE_RENEW = 4;

    internal const uint TLSEXT_TYPE_server_name = 0;
    internal const uint TLSEXT_TYPE_session_ticket = 35;
    internal const uint TLSEXT_TYPE_psk = 41;
    internal const uint TLSEXT_TYPE_supported_versions = 43;
    internal const uint TLSEXT_TYPE_psk_kex_modes = 45;
    internal const byte TLSEXT_KEX_MODE_KE_DHE = 1;

    internal const int SSL_SENT_SHUTDOWN = 1;
    internal const int SSL_RECEIVED_SHUTDOWN = 2;

    [LibraryImport(Name)] internal static partial nint TLS_server_method();
    [LibraryImport(Name)] internal static partial nint SSL_CTX_new(nint method);
    [LibraryImport(Name)] internal static partial void SSL_CTX_free(nint ctx);
    [LibraryImport(Name)] internal static partial nint SSL_CTX_ctrl(nint ctx, int cmd, nint larg, void* parg);
    [LibraryImport(Name)] internal static partial nint SSL_CTX_callback_ctrl(nint ctx, int cmd, void* fp);
    [LibraryImport(Name)] internal static partial ulong SSL_CTX_set_options(nint ctx, ulong options);
    [LibraryImport(Name)] internal static partial int SSL_CTX_set_cipher_list(nint ctx, byte* str);
    [LibraryImport(Name)] internal static partial int SSL_CTX_set_ciphersuites(nint ctx, byte* str);
    [LibraryImport(Name)] internal static partial int SSL_CTX_use_certificate(nint ctx, nint x);
    [LibraryImport(Name)] internal static partial int SSL_CTX_use_PrivateKey(nint ctx, nint pkey);
    [LibraryImport(Name)] internal static partial int SSL_CTX_check_private_key(nint ctx);
    [LibraryImport(Name)] internal static partial void SSL_CTX_set_client_hello_cb(nint ctx, delegate* unmanaged<nint, int*, void*, int> cb, void* arg);
    [LibraryImport(Name)] internal static partial void SSL_CTX_set_alpn_select_cb(nint ctx, delegate* unmanaged<nint, byte**, byte*, byte*, uint, void*, int> cb, void* arg);
    [LibraryImport(Name)] internal static partial void SSL_CTX_sess_set_new_cb(nint ctx, delegate* unmanaged<nint, nint, int> cb);
    [LibraryImport(Name)] internal static partial void SSL_CTX_sess_set_get_cb(nint ctx, delegate* unmanaged<nint, byte*, int, int*, nint> cb);
    [LibraryImport(Name)] internal static partial int SSL_CTX_set_session_ticket_cb(nint ctx, delegate* unmanaged<nint, void*, int> gen_cb, delegate* unmanaged<nint, nint, byte*, nuint, int, void*, int> dec_cb, void* arg);
    [LibraryImport(Name)] internal static partial int SSL_CTX_set_tlsext_ticket_key_evp_cb(nint ctx, delegate* unmanaged<nint, byte*, byte*, nint, nint, int, int> fp);
    [LibraryImport(Name)] internal static partial void SSL_set_not_resumable_session_callback(nint ssl, delegate* unmanaged<nint, int, int> cb);

    [LibraryImport(Name)] internal static partial nint SSL_new(nint ctx);
    [LibraryImport(Name)] internal static partial void SSL_free(nint ssl);
    [LibraryImport(Name)] internal static partial void SSL_set_accept_state(nint ssl);
    [LibraryImport(Name)] internal static partial void SSL_set_bio(nint ssl, nint rbio, nint wbio);
    [LibraryImport(Name)] internal static partial int SSL_do_handshake(nint ssl);
    [LibraryImport(Name)] internal static partial int SSL_read(nint ssl, byte* buf, int num);
    [LibraryImport(Name)] internal static partial int SSL_write(nint ssl, byte* buf, int num);
    [LibraryImport(Name)] internal static partial int SSL_shutdown(nint ssl);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int SSL_get_shutdown(nint ssl);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int SSL_has_pending(nint ssl);
    [LibraryImport(Name)] internal static partial int SSL_get_error(nint ssl, int ret);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int SSL_set_ex_data(nint ssl, int idx, void* data);
    [LibraryImport(Name), SuppressGCTransition] internal static partial void* SSL_get_ex_data(nint ssl, int idx);
    [LibraryImport(Name)] internal static partial nint SSL_set_SSL_CTX(nint ssl, nint ctx);
    [LibraryImport(Name), SuppressGCTransition] internal static partial ulong SSL_set_options(nint ssl, ulong options);
    [LibraryImport(Name), SuppressGCTransition] internal static partial ulong SSL_clear_options(nint ssl, ulong options);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int SSL_set_num_tickets(nint ssl, nuint num_tickets);
    [LibraryImport(Name)] internal static partial int SSL_set_session_id_context(nint ssl, byte* sid_ctx, uint sid_ctx_len);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int SSL_session_reused(nint ssl);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int SSL_version(nint ssl);
    [LibraryImport(Name)] internal static partial nint SSL_ctrl(nint ssl, int cmd, nint larg, void* parg);
    [LibraryImport(Name), SuppressGCTransition] internal static partial nint SSL_get_current_cipher(nint ssl);
    [LibraryImport(Name), SuppressGCTransition] internal static partial nint SSL_get_certificate(nint ssl);
    [LibraryImport(Name), SuppressGCTransition] internal static partial ushort SSL_CIPHER_get_protocol_id(nint c);
    [LibraryImport(Name), SuppressGCTransition] internal static partial byte* SSL_CIPHER_get_name(nint c);
    [LibraryImport(Name), SuppressGCTransition] internal static partial byte* SSL_group_to_name(nint ssl, int id);
    [LibraryImport(Name), SuppressGCTransition] internal static partial void SSL_get0_alpn_selected(nint ssl, byte** data, uint* len);
    [LibraryImport(Name), SuppressGCTransition] internal static partial nint SSL_get_session(nint ssl);

    [LibraryImport(Name), SuppressGCTransition] internal static partial nuint SSL_client_hello_get0_session_id(nint s, byte** output);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int SSL_client_hello_get0_ext(nint s, uint type, byte** output, nuint* outlen);

    [LibraryImport(Name), SuppressGCTransition] internal static partial byte* SSL_SESSION_get_id(nint s, uint* len);
    [LibraryImport(Name), SuppressGCTransition] internal static partial byte* SSL_SESSION_get0_id_context(nint s, uint* len);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int SSL_SESSION_get_protocol_version(nint s);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int SSL_SESSION_set1_id(nint s, byte* sid, uint sid_len);
    [LibraryImport(Name)] internal static partial int SSL_SESSION_set1_ticket_appdata(nint ss, byte* data, nuint len);
    [LibraryImport(Name)] internal static partial int SSL_SESSION_get0_ticket_appdata(nint ss, byte** data, nuint* len);
    [LibraryImport(Name)] internal static partial nint SSL_SESSION_set_timeout(nint s, nint t);
    [LibraryImport(Name)] internal static partial nint SSL_SESSION_get_timeout(nint s);
    [LibraryImport(Name)] internal static partial nint SSL_SESSION_get_time(nint s);
    [LibraryImport(Name)] internal static partial void SSL_SESSION_free(nint s);
    [LibraryImport(Name)] internal static partial int i2d_SSL_SESSION(nint session, byte** pp);
    [LibraryImport(Name)] internal static partial nint d2i_SSL_SESSION(nint* a, byte** pp, nint length);
}
