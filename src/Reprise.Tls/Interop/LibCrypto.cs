using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>libcrypto, names and types as in OpenSSL's headers. What is owned and what is borrowed is said at the caller.</summary>
internal static unsafe partial class LibCrypto
{
    internal const string Name = "libcrypto";

    internal const int CRYPTO_EX_INDEX_SSL = 0;
    internal const int BIO_CTRL_EOF = 2;
    internal const int BIO_CTRL_FLUSH = 11;
    internal const int BIO_FLAGS_READ = 0x01;
    internal const int BIO_FLAGS_RWS = 0x07;
    internal const int BIO_FLAGS_SHOULD_RETRY = 0x08;
    internal const int BIO_TYPE_SOURCE_SINK = 0x0400;

    // OSSL_PARAM data types
    internal const uint OSSL_PARAM_UTF8_STRING = 4;
    internal const uint OSSL_PARAM_OCTET_STRING = 5;

    /// <summary>OSSL_PARAM of openssl/core.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct OSSL_PARAM
    {
        public byte* key;
        public uint data_type;
        public void* data;
        public nuint data_size;
        public nuint return_size;
    }

    [LibraryImport(Name)] internal static partial ulong OpenSSL_version_num();
    [LibraryImport(Name)] internal static partial byte* OpenSSL_version(int type);

    [LibraryImport(Name), SuppressGCTransition] internal static partial void ERR_clear_error();
    [LibraryImport(Name), SuppressGCTransition] internal static partial ulong ERR_get_error();
    [LibraryImport(Name)] internal static partial void ERR_error_string_n(ulong e, byte* buf, nuint len);
    [LibraryImport(Name)] internal static partial byte* ERR_reason_error_string(ulong e);

    [LibraryImport(Name)]
    internal static partial int CRYPTO_get_ex_new_index(int class_index, nint argl, void* argp, void* new_func, void* dup_func, void* free_func);

    [LibraryImport(Name)] internal static partial nint BIO_meth_new(int type, byte* name);
    [LibraryImport(Name)] internal static partial int BIO_get_new_index();
    [LibraryImport(Name)] internal static partial int BIO_meth_set_write_ex(nint biom, delegate* unmanaged<nint, byte*, nuint, nuint*, int> bwrite);
    [LibraryImport(Name)] internal static partial int BIO_meth_set_read_ex(nint biom, delegate* unmanaged<nint, byte*, nuint, nuint*, int> bread);
    [LibraryImport(Name)] internal static partial int BIO_meth_set_ctrl(nint biom, delegate* unmanaged<nint, int, nint, void*, nint> ctrl);
    [LibraryImport(Name)] internal static partial nint BIO_new(nint type);
    [LibraryImport(Name)] internal static partial nint BIO_new_mem_buf(void* buf, int len);
    [LibraryImport(Name)] internal static partial int BIO_free(nint a);
    [LibraryImport(Name), SuppressGCTransition] internal static partial void BIO_set_data(nint a, void* ptr);
    [LibraryImport(Name), SuppressGCTransition] internal static partial void* BIO_get_data(nint a);
    [LibraryImport(Name), SuppressGCTransition] internal static partial void BIO_set_flags(nint b, int flags);
    [LibraryImport(Name), SuppressGCTransition] internal static partial void BIO_clear_flags(nint b, int flags);
    [LibraryImport(Name), SuppressGCTransition] internal static partial void BIO_set_init(nint a, int init);

    [LibraryImport(Name)] internal static partial void* CRYPTO_malloc(nuint num, byte* file, int line);

    [LibraryImport(Name)] internal static partial int RAND_bytes(byte* buf, int num);

    [LibraryImport(Name)] internal static partial nint EVP_CIPHER_fetch(nint ctx, byte* algorithm, byte* properties);
    [LibraryImport(Name)] internal static partial int EVP_EncryptInit_ex(nint ctx, nint cipher, nint impl, byte* key, byte* iv);
    [LibraryImport(Name)] internal static partial int EVP_DecryptInit_ex(nint ctx, nint cipher, nint impl, byte* key, byte* iv);
    [LibraryImport(Name)] internal static partial int EVP_MAC_CTX_set_params(nint ctx, OSSL_PARAM* parameters);

    [LibraryImport(Name)] internal static partial nint PEM_read_bio_X509(nint bp, nint* x, void* cb, void* u);
    [LibraryImport(Name)] internal static partial nint PEM_read_bio_PrivateKey(nint bp, nint* x, void* cb, void* u);
    [LibraryImport(Name)] internal static partial nint d2i_AutoPrivateKey(nint* a, byte** pp, nint length);
    [LibraryImport(Name)] internal static partial int X509_check_private_key(nint x509, nint pkey);
    [LibraryImport(Name)] internal static partial void X509_free(nint a);
    [LibraryImport(Name)] internal static partial void EVP_PKEY_free(nint key);
}
