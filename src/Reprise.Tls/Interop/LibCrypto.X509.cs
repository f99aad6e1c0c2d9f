using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>Certificates, revocation lists, and what verifies them.</summary>
internal static unsafe partial class LibCrypto
{
    internal const int X509_V_ERR_OK = 0;
    internal const uint X509_V_FLAG_CRL_CHECK = 0x4;
    internal const uint X509_V_FLAG_CRL_CHECK_ALL = 0x8;

    [LibraryImport(Name)] internal static partial nint d2i_X509(nint* a, byte** input, nint len);
    [LibraryImport(Name)] internal static partial int i2d_X509(nint a, byte** output);
    [LibraryImport(Name), SuppressGCTransition] internal static partial ulong ERR_peek_last_error();
    [LibraryImport(Name)] internal static partial int X509_check_ca(nint x);
    [LibraryImport(Name)] internal static partial int X509_check_issued(nint issuer, nint subject);
    [LibraryImport(Name)] internal static partial nint X509_get_subject_name(nint x);
    [LibraryImport(Name)] internal static partial nint X509_get0_pubkey(nint x);
    [LibraryImport(Name)] internal static partial int X509_NAME_cmp(nint a, nint b);
    [LibraryImport(Name)] internal static partial int i2d_X509_NAME(nint a, byte** output);

    [LibraryImport(Name)] internal static partial nint PEM_read_bio_X509_CRL(nint bp, nint* x, void* cb, void* u);
    [LibraryImport(Name)] internal static partial nint d2i_X509_CRL(nint* a, byte** input, nint len);
    [LibraryImport(Name)] internal static partial void X509_CRL_free(nint a);
    [LibraryImport(Name)] internal static partial int X509_CRL_verify(nint a, nint r);
    [LibraryImport(Name)] internal static partial nint X509_CRL_get_issuer(nint crl);
    [LibraryImport(Name)] internal static partial nint X509_CRL_get0_nextUpdate(nint crl);
    [LibraryImport(Name)] internal static partial int ASN1_TIME_to_tm(nint s, int* tm);

    [LibraryImport(Name)] internal static partial nint X509_STORE_new();
    [LibraryImport(Name)] internal static partial void X509_STORE_free(nint v);
    [LibraryImport(Name)] internal static partial int X509_STORE_add_cert(nint ctx, nint x);
    [LibraryImport(Name)] internal static partial int X509_STORE_add_crl(nint ctx, nint x);
    [LibraryImport(Name)] internal static partial int X509_STORE_set_flags(nint ctx, nuint flags);
    [LibraryImport(Name)] internal static partial int X509_STORE_set_depth(nint store, int depth);

    [LibraryImport(Name)] internal static partial nint X509_STORE_CTX_new();
    [LibraryImport(Name)] internal static partial void X509_STORE_CTX_free(nint ctx);
    [LibraryImport(Name)] internal static partial int X509_STORE_CTX_init(nint ctx, nint trust_store, nint target, nint untrusted);
    [LibraryImport(Name)] internal static partial int X509_STORE_CTX_set_default(nint ctx, byte* name);
    [LibraryImport(Name)] internal static partial nint X509_STORE_CTX_get0_param(nint ctx);
    [LibraryImport(Name)] internal static partial nint X509_STORE_CTX_get0_chain(nint ctx);
    [LibraryImport(Name)] internal static partial int X509_STORE_CTX_get_error(nint ctx);
    [LibraryImport(Name)] internal static partial void* X509_STORE_CTX_get_ex_data(nint ctx, int idx);
    [LibraryImport(Name)] internal static partial void X509_VERIFY_PARAM_set_auth_level(nint param, int auth_level);
    [LibraryImport(Name)] internal static partial int X509_verify_cert(nint ctx);

    [LibraryImport(Name)] internal static partial nint OPENSSL_sk_new_null();
    [LibraryImport(Name)] internal static partial int OPENSSL_sk_push(nint st, nint data);
    [LibraryImport(Name)] internal static partial int OPENSSL_sk_num(nint st);
    [LibraryImport(Name)] internal static partial nint OPENSSL_sk_value(nint st, int i);
    [LibraryImport(Name)] internal static partial void OPENSSL_sk_free(nint st);
}
