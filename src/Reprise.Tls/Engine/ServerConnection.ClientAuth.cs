using System.Runtime.InteropServices;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>Who the client is: asked, verified, and verified again when a session of it is resumed.</summary>
internal sealed unsafe partial class ServerConnection
{
    /// <summary>
    /// A longer chain gets no ticket: a client sends the ticket in its ClientHello, and OpenSSL ends a handshake whose ticket would be
    /// longer than 65,280 bytes.
    /// </summary>
    private const int LongestChainInTicket = 8 * 1024;

    private ClientChain? _vouched; // of the session about to be resumed

    // SSL_new copied the mode of the initial profile; SSL_set_SSL_CTX copies authorities and store, and the mode not.
    private void AskForClient(TlsProfile profile)
    {
        var mode = profile.Options.ClientAuth?.Mode switch
        {
            ClientAuthMode.Required => LibSsl.SSL_VERIFY_PEER | LibSsl.SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
            ClientAuthMode.Optional => LibSsl.SSL_VERIFY_PEER,
            _ => LibSsl.SSL_VERIFY_NONE,
        };
        LibSsl.SSL_set_verify(_ssl, mode, null);
        if (mode != LibSsl.SSL_VERIFY_NONE)
            LibSsl.SSL_ctrl(_ssl, LibSsl.SSL_CTRL_SET_MAX_CERT_LIST, ClientVerification.LongestMessage, null);
    }

    /// <summary>In a full handshake, with the client's certificates; whether it has their key is not known yet.</summary>
    public int OnVerifyClient(nint storeContext)
    {
        var verified = LibCrypto.X509_verify_cert(storeContext);
        if (verified <= 0)
        {
            Failure = HandshakeFailure.ClientCertificate;
            FailureReason = Marshal.PtrToStringUTF8((nint)LibCrypto.X509_verify_cert_error_string(LibCrypto.X509_STORE_CTX_get_error(storeContext)));
            return verified;
        }

        if (!_issues || _issuesStateful)
            return verified;
        var chain = ClientVerification.Read(LibCrypto.X509_STORE_CTX_get0_chain(storeContext));
        if (chain.Leaf.Length + chain.Rest.Length > LongestChainInTicket)
        {
            _issues = false;
            Handshake.SealingKey = null;
            _ = LibSsl.SSL_set_num_tickets(_ssl, 0); // TLS 1.3; in TLS 1.2 an empty one follows
        }

        return verified;
    }

    /// <summary>
    /// What the scope promises is seen to once more, and what it does not hold is verified: dates and revocation lists change while a
    /// session lives. A client that fails here gets a full handshake, which gives it its alert.
    /// </summary>
    private DeclineReason WhyNotClient(nint session)
    {
        _vouched = null;
        var peer = LibSsl.SSL_SESSION_get0_peer(session); // borrowed
        var required = Handshake.Profile.Options.ClientAuth?.Mode ?? ClientAuthMode.None;
        if (peer == 0)
            return required is ClientAuthMode.Required || !Handshake.OfferedClientRest.IsEmpty ? DeclineReason.ClientCertificate : DeclineReason.None;
        if (required is ClientAuthMode.None)
            return DeclineReason.Scope;
        _vouched = ClientVerification.VerifyAgain(_ssl, peer, Handshake.OfferedClientRest.Span);
        return _vouched is null ? DeclineReason.ClientCertificate : DeclineReason.None;
    }

    /// <summary>Before anything is issued, and at the end of the handshake.</summary>
    private void IdentifyClient()
    {
        var required = Handshake.Profile.Options.ClientAuth?.Mode ?? ClientAuthMode.None;
        if (required is ClientAuthMode.None)
            return;
        var peer = LibSsl.SSL_get0_peer_certificate(_ssl); // borrowed
        if (peer == 0)
            Handshake.Client = null;
        else if (LibSsl.SSL_session_reused(_ssl) == 1)
            Handshake.Client = _vouched;
        else
            Handshake.Client ??= ClientVerification.Read(LibSsl.SSL_get0_verified_chain(_ssl));
        // Whatever OpenSSL has decided: nobody is let in as somebody else, or as nobody where somebody is required.
        var matches = peer == 0 ? required is not ClientAuthMode.Required : Handshake.Client is { } client && client.Leaf.Span.SequenceEqual(ClientVerification.Encode(peer));
        if (!matches)
            throw new InvalidOperationException("The client's identity is not what was verified.");
    }
}
