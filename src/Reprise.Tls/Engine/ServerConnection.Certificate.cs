using System.Runtime.InteropServices;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

internal sealed unsafe partial class ServerConnection
{
    // For PROXY protocol, whose receivers know these words from HAProxy.
    private void NameCertificate()
    {
        var certificate = LibSsl.SSL_get_certificate(_ssl); // borrowed, and so is its key
        var key = certificate == 0 ? 0 : LibCrypto.X509_get0_pubkey(certificate);
        if (key == 0)
            return;
        Handshake.CertificateSignature = Marshal.PtrToStringUTF8((nint)LibCrypto.OBJ_nid2sn(LibCrypto.X509_get_signature_nid(certificate)));
        var kind = LibCrypto.EVP_PKEY_get_base_id(key) switch
        {
            LibCrypto.EVP_PKEY_RSA => "RSA",
            LibCrypto.EVP_PKEY_EC => "EC",
            var other => Marshal.PtrToStringUTF8((nint)LibCrypto.OBJ_nid2sn(other)),
        };
        Handshake.CertificateKey = $"{kind}{LibCrypto.EVP_PKEY_get_bits(key)}";
    }
}
