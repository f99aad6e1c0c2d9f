using System.Text;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Reprise.Cli.Probe.Clients;

/// <summary>
/// A TLS 1.2 client that asks for a session and offers one. Bouncy Castle does session IDs itself, but of RFC 5077 only
/// the receiving half: the ticket extension, and the session ID by which the client sees that its ticket was taken
/// (RFC 5077 3.4), are ours to add.
/// </summary>
internal sealed class ResumingTlsClient(ProbeTarget target, BouncyCastleSession? offer) : DefaultTlsClient(new BcTlsCrypto())
{
    private byte[]? _ticket;

    public bool Resumed { get; private set; }

    /// <summary>What can be resumed later; null if the server gave nothing.</summary>
    public BouncyCastleSession? Session { get; private set; }

    /// <summary>For how long the server would have its ticket kept; null without a ticket.</summary>
    public TimeSpan? LifetimeHint { get; private set; }

    private bool WantsTicket => target.Mode == ResumptionMode.Stateless;

    public override TlsSession? GetSessionToResume() => offer?.Session;

    public override IDictionary<int, byte[]> GetClientExtensions()
    {
        var extensions = base.GetClientExtensions();
        if (WantsTicket)
            extensions[ExtensionType.session_ticket] = offer?.Ticket ?? [];
        return extensions;
    }

    public override void NotifyNewSessionTicket(NewSessionTicket newSessionTicket)
    {
        _ticket = newSessionTicket.Ticket;
        if (_ticket is { Length: > 0 }) // else the server has changed its mind (RFC 5077 section 3.3)
            LifetimeHint = TimeSpan.FromSeconds(newSessionTicket.TicketLifetimeHint);
    }

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        Resumed = m_context.SecurityParameters.IsResumedSession;
        if (Resumed)
            return; // TLS 1.2 goes on with the session it has
        var parameters = m_context.Session.ExportSessionParameters();
        if (_ticket is { Length: > 0 })
        {
            // A ticket needs an ID beside it, made up by the client: a server that takes the ticket echoes it.
            var id = m_context.NonceGenerator.GenerateNonce(32);
            Session = new(TlsUtilities.ImportSession(id, parameters), _ticket);
        }
        else if (m_context.Session.SessionID.Length > 0)
        {
            Session = new(TlsUtilities.ImportSession(m_context.Session.SessionID, parameters), ticket: null);
        }
    }

    public override TlsAuthentication GetAuthentication() => new ServerOnly(target);

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv12.Only();

    protected override IList<ServerName> GetSniServerNames() => [new(NameType.host_name, Encoding.ASCII.GetBytes(target.ServerName))];

    protected override IList<ProtocolName> GetProtocolNames() => [ProtocolName.Http_1_1];

    private sealed class ServerOnly(ProbeTarget target) : ServerOnlyTlsAuthentication
    {
        public override void NotifyServerCertificate(TlsServerCertificate serverCertificate)
        {
            var chain = serverCertificate.Certificate.GetCertificateList().Select(certificate => certificate.GetEncoded());
            if (ServerTrust.Refuse([.. chain], target) is { } reason)
                throw new TlsFatalAlert(AlertDescription.bad_certificate, $"the server's certificate is not trusted: {reason}");
        }
    }
}
