using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

internal sealed unsafe partial class ServerConnection
{
    private const int UnexpectedEof = 294; // SSL_R_UNEXPECTED_EOF_WHILE_READING

    private const int NoCertificate = 199; // SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE

    private static readonly ConcurrentDictionary<nint, string> CipherNames = new();
    private static readonly ConcurrentDictionary<int, string> GroupNames = new();

    /// <summary>Lets OpenSSL work on what the socket holds.</summary>
    public HandshakeStep Advance()
    {
        Begin();
        var result = LibSsl.SSL_do_handshake(_ssl);
        if (result == 1)
        {
            Complete();
            return HandshakeStep.Complete;
        }

        switch (LibSsl.SSL_get_error(_ssl, result))
        {
            case LibSsl.SSL_ERROR_WANT_READ or LibSsl.SSL_ERROR_WANT_WRITE:
                return _io.Curbed ? HandshakeStep.Curbed : HandshakeStep.NeedsInput;
            case LibSsl.SSL_ERROR_WANT_CLIENT_HELLO_CB:
                return HandshakeStep.Parked;
            default:
                NoteFailure();
                return HandshakeStep.Failed;
        }
    }

    private void NoteFailure()
    {
        var code = LibCrypto.ERR_get_error();
        if (FailureReason is not null)
            return; // a callback has said more
        var reason = (int)(code & 0x7fffff); // ERR_GET_REASON
        Failure = code == 0 || reason == UnexpectedEof ? HandshakeFailure.Closed
            : reason == NoCertificate ? HandshakeFailure.ClientCertificate : HandshakeFailure.Client;
        FailureReason = code == 0 ? "connection closed" : Marshal.PtrToStringUTF8((nint)LibCrypto.ERR_reason_error_string(code)) ?? $"reason {reason}";
    }

    private void Complete()
    {
        var handshake = Handshake;
        handshake.Duration = Stopwatch.GetElapsedTime(handshake.StartedAt);
        handshake.Protocol = LibSsl.SSL_version(_ssl) == LibSsl.TLS1_3_VERSION ? SslProtocols.Tls13 : SslProtocols.Tls12;
        var cipher = LibSsl.SSL_get_current_cipher(_ssl);
        handshake.CipherSuite = (TlsCipherSuite)LibSsl.SSL_CIPHER_get_protocol_id(cipher);
        handshake.Cipher = CipherNames.GetOrAdd(cipher, static c => Marshal.PtrToStringUTF8((nint)LibSsl.SSL_CIPHER_get_name(c))!);
        _foundDer = null; // a secret, and no small one for a connection that stays
        _lookupId = null;
        IdentifyClient();
        var resumed = LibSsl.SSL_session_reused(_ssl) == 1;
        if (!resumed || handshake.Protocol is SslProtocols.Tls13)
            handshake.Group = NegotiatedGroup();
        if (resumed)
        {
            handshake.Resumed(_candidate);
            return;
        }

        if (handshake.Profile.Options.Tunnel)
            NameCertificate();
        handshake.SessionState = null;
        if (handshake is { Offered: not OfferedSession.None, Declined: DeclineReason.None })
            handshake.Decline(WhyNotAfterAll());
    }

    private string? NegotiatedGroup()
    {
        var id = (int)LibSsl.SSL_ctrl(_ssl, LibSsl.SSL_CTRL_GET_NEGOTIATED_GROUP, 0, null);
        if (id == 0)
            return null;
        if (GroupNames.TryGetValue(id, out var known))
            return known;
        return GroupNames.GetOrAdd(id, Marshal.PtrToStringUTF8((nint)LibSsl.SSL_group_to_name(_ssl, id)) ?? $"{id}");
    }
}
