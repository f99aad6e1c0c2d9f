using Reprise.Tls.Interop;

namespace Reprise.Tls;

internal sealed unsafe partial class ServerConnection
{
    /// <summary>
    /// Asked in full handshakes, once the certificate is chosen, when the client wants to hear of its status. OpenSSL asks the callback of
    /// the context that is in use then, the profile's, not the connection's first one.
    /// </summary>
    public int OnStatusRequest()
    {
        var certificate = LibSsl.SSL_get_certificate(_ssl); // borrowed, and only compared
        if (Handshake.Profile.StapleFor(certificate) is not { } staple || staple.Until <= DateTimeOffset.UtcNow)
            return LibSsl.SSL_TLSEXT_ERR_NOACK;
        var response = staple.Response.Span;
        var copy = LibCrypto.CRYPTO_malloc((nuint)response.Length, null, 0);
        if (copy is null)
            return LibSsl.SSL_TLSEXT_ERR_NOACK;
        response.CopyTo(new Span<byte>(copy, response.Length));
        LibSsl.SSL_ctrl(_ssl, LibSsl.SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP, response.Length, copy); // takes the copy, and frees it
        return LibSsl.SSL_TLSEXT_ERR_OK;
    }
}
