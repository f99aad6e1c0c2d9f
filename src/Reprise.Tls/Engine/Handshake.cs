using System.Net.Security;
using System.Security.Authentication;

namespace Reprise.Tls;

/// <summary>One handshake as the policy sees it. Belongs to its connection's loop until it is complete; read-only afterwards.</summary>
public sealed class Handshake
{
    internal Handshake(TlsProfile profile, TlsEndPoint endPoint, long startedAt)
    {
        Profile = profile;
        EndPoint = endPoint;
        StartedAt = startedAt;
    }

    /// <summary>Timestamp of the accept.</summary>
    public long StartedAt { get; }

    /// <summary>The policy's own, for the traces that it keeps; the engine does not look at it.</summary>
    public object? Trace { get; set; }

    /// <summary>The listener that the connection came by.</summary>
    public TlsEndPoint EndPoint { get; }

    /// <summary>Picked by SNI, before any resume decision.</summary>
    public TlsProfile Profile { get; internal set; }

    /// <summary>The SNI in lower case, or null.</summary>
    public string? ServerName { get; internal set; }

    public OfferedSession Offered { get; internal set; }

    /// <summary>Why <see cref="Offered"/> was not resumed. Set by engine and policy; the first reason stands.</summary>
    public DeclineReason Declined { get; private set; }

    /// <summary>What the policy knows of the offered session once it was found and accepted; travels to renewals of it.</summary>
    public object? SessionState { get; set; }

    public ResumptionMode Mode { get; private set; }

    public SslProtocols Protocol { get; internal set; }

    /// <summary>The IANA number.</summary>
    public TlsCipherSuite CipherSuite { get; internal set; }

    /// <summary>OpenSSL's name of the cipher suite.</summary>
    public string Cipher { get; internal set; } = "";

    /// <summary>The key-exchange group, or null where there was none (a resumed TLS 1.2 handshake).</summary>
    public string? Group { get; internal set; }

    /// <summary>The ALPN protocol agreed on; empty without.</summary>
    public ReadOnlyMemory<byte> ApplicationProtocol { get; internal set; }

    /// <summary>Time from the first byte wanted to the end of the handshake.</summary>
    public TimeSpan Duration { get; internal set; }

    /// <summary>
    /// Who the client is: its certificates, verified in this very handshake, be it a full or a resumed one. Null: it is anonymous, or the
    /// profile does not ask. Set before anything is issued.
    /// </summary>
    public ClientChain? Client { get; internal set; }

    /// <summary>
    /// Of the offered session, once it was found and accepted: what was <see cref="ClientChain.Rest"/> when it was made. The client's own
    /// certificate is in the session. Vouches for nobody: it is verified again.
    /// </summary>
    public ReadOnlyMemory<byte> OfferedClientRest { get; set; }

    /// <summary>
    /// What the certificate that was sent is signed with, in OpenSSL's words (<c>RSA-SHA256</c>, <c>ecdsa-with-SHA256</c>). Null where none
    /// was sent, and where the profile is no tunnel.
    /// </summary>
    public string? CertificateSignature { get; internal set; }

    /// <summary>The kind and bits of its key, as <c>RSA2048</c> or <c>EC256</c>; null as above.</summary>
    public string? CertificateKey { get; internal set; }

    /// <summary>The key that a ticket of this handshake is sealed with, or null.</summary>
    public TicketKey? SealingKey { get; internal set; }

    /// <summary>The epoch that sealed the session that was resumed, where <see cref="Mode"/> is stateless.</summary>
    public TicketKey? OpeningKey { get; internal set; }

    /// <summary>What the client offered first may have been declined: what counts is that one of its sessions did.</summary>
    internal void Resumed(ResumptionMode mode)
    {
        Mode = mode;
        Declined = DeclineReason.None;
    }

    /// <summary>Notes why the offered session is not resumed; the first note stands.</summary>
    public void Decline(DeclineReason reason)
    {
        if (Declined is DeclineReason.None)
            Declined = reason;
    }
}
