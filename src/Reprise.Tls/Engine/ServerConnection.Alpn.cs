using Reprise.Tls.Interop;

namespace Reprise.Tls;

internal sealed unsafe partial class ServerConnection
{
    /// <summary>Picks by the server's preference (RFC 7301 section 3.2); no protocol in common ends the handshake.</summary>
    public int OnAlpn(byte** output, byte* outputLength, ReadOnlySpan<byte> offered)
    {
        var profile = Handshake.Profile;
        if (profile.AlpnWire.Length == 0)
            return LibSsl.SSL_TLSEXT_ERR_NOACK;
        for (var i = 0; i < profile.AlpnWire.Length; i++)
        {
            var rest = offered; // OpenSSL has checked the list's form
            while (!rest.IsEmpty && rest[0] < rest.Length)
            {
                var protocol = rest.Slice(1, rest[0]);
                if (protocol.SequenceEqual(profile.AlpnWire[i]))
                {
                    fixed (byte* start = protocol)
                        *output = start; // points into OpenSSL's own buffer, which outlives the fixed block
                    *outputLength = (byte)protocol.Length;
                    Handshake.ApplicationProtocol = profile.AlpnProtocols[i];
                    return LibSsl.SSL_TLSEXT_ERR_OK;
                }

                rest = rest[(1 + rest[0])..];
            }
        }

        return LibSsl.SSL_TLSEXT_ERR_ALERT_FATAL;
    }
}
