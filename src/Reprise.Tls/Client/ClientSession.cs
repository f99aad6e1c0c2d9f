using Reprise.Tls.Interop;

namespace Reprise.Tls.Client;

/// <summary>
/// A session that a server has given: in TLS 1.2 by ID or ticket, in TLS 1.3 by NewSessionTicket. Holds its secrets in
/// OpenSSL's memory; opaque here. May be offered again and again, though a server need not take it twice.
/// </summary>
public sealed class ClientSession : IDisposable
{
    private readonly SafeSslSessionHandle _handle;

    // Owned from here on.
    internal ClientSession(SafeSslSessionHandle handle) => _handle = handle;

    /// <summary>Whether it came as a ticket (TLS 1.3: always), rather than as a session ID only.</summary>
    public bool HasTicket => LibSsl.SSL_SESSION_has_ticket(Borrow()) != 0;

    /// <summary>
    /// For how long the server would have its ticket kept (NewSessionTicket: TLS 1.2 ticket_lifetime_hint, where zero says nothing;
    /// TLS 1.3 ticket_lifetime); null without a ticket.
    /// </summary>
    public TimeSpan? TicketLifetimeHint => HasTicket ? TimeSpan.FromSeconds(LibSsl.SSL_SESSION_get_ticket_lifetime_hint(Borrow())) : null;

    /// <summary>Whether OpenSSL would offer it at all.</summary>
    public bool IsResumable => LibSsl.SSL_SESSION_is_resumable(Borrow()) != 0;

    /// <summary>
    /// The same session, apart from this one. OpenSSL marks a TLS 1.3 session as spent once a connection has resumed it, so connections
    /// at the same time need one each if all of them are to offer it.
    /// </summary>
    public ClientSession Copy()
    {
        var copy = new SafeSslSessionHandle(LibSsl.SSL_SESSION_dup(Borrow()));
        return copy.IsInvalid ? throw OpenSslException.FromQueue("SSL_SESSION_dup") : new ClientSession(copy);
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>For one call while this object is alive.</summary>
    internal nint Borrow()
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        return _handle.DangerousGetHandle();
    }
}
