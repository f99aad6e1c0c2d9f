using System.Text;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Reprise.Conformance.Tests.Peers;

/// <summary>
/// A TLS 1.2 client. Session IDs are Bouncy Castle's own; of RFC 5077 it has the receiving half, so the extension and the session ID
/// beside it (section 3.4) are added here.
/// </summary>
/// <param name="host">For SNI.</param>
/// <param name="withTicket">Whether it knows tickets.</param>
/// <param name="session">To resume.</param>
/// <param name="ticket">To present with it.</param>
internal sealed class BouncyCastleClient(string host, bool withTicket, TlsSession? session = null, byte[]? ticket = null)
    : DefaultTlsClient(new BcTlsCrypto())
{
    private byte[]? _newTicket;

    public bool Resumed { get; private set; }

    /// <summary>The new session; null if it goes on with the old one, or got none.</summary>
    public TlsSession? Session { get; private set; }

    /// <summary>The new ticket; null if there was none.</summary>
    public byte[]? Ticket => _newTicket is { Length: > 0 } ? _newTicket : null;

    /// <summary>The session ID that a ticket is presented with; random if not set. The server echoes it if it takes the ticket.</summary>
    public byte[]? Marker { get; init; }

    public override TlsSession? GetSessionToResume() => session;

    public override IDictionary<int, byte[]> GetClientExtensions()
    {
        var extensions = base.GetClientExtensions();
        if (withTicket)
            extensions[ExtensionType.session_ticket] = ticket ?? [];
        return extensions;
    }

    public override void NotifyNewSessionTicket(NewSessionTicket newSessionTicket) => _newTicket = newSessionTicket.Ticket;

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        Resumed = m_context.SecurityParameters.IsResumedSession;
        if (Resumed)
            return;
        var parameters = m_context.Session.ExportSessionParameters();
        if (Ticket is not null)
            Session = TlsUtilities.ImportSession(Marker ?? m_context.NonceGenerator.GenerateNonce(32), parameters);
        else if (m_context.Session.SessionID.Length > 0)
            Session = TlsUtilities.ImportSession(m_context.Session.SessionID, parameters);
    }

    // Whom a peer trusts is shown by the other clients: this one looks for how sessions come and go.
    public override TlsAuthentication GetAuthentication() => new AnyServer();

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv12.Only();

    protected override IList<ServerName> GetSniServerNames() => [new(NameType.host_name, Encoding.ASCII.GetBytes(host))];

    private sealed class AnyServer : ServerOnlyTlsAuthentication
    {
        public override void NotifyServerCertificate(TlsServerCertificate serverCertificate)
        {
            if (serverCertificate.Certificate.IsEmpty)
                throw new TlsFatalAlert(AlertDescription.bad_certificate);
        }
    }
}
