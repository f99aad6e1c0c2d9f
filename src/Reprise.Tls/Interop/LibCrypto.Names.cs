using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>How OpenSSL calls what a certificate is made of.</summary>
internal static unsafe partial class LibCrypto
{
    internal const int EVP_PKEY_RSA = 6; // NID_rsaEncryption
    internal const int EVP_PKEY_EC = 408; // NID_X9_62_id_ecPublicKey

    [LibraryImport(Name)] internal static partial int X509_get_signature_nid(nint x);
    [LibraryImport(Name)] internal static partial byte* OBJ_nid2sn(int n);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int EVP_PKEY_get_base_id(nint pkey);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int EVP_PKEY_get_bits(nint pkey);
}
