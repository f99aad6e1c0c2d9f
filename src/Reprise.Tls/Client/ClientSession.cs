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

    /// <summary>Whether OpenSSL would offer it at all.</summary>
    public bool IsResumable => LibSsl.SSL_SESSION_is_resumable(Borrow()) != 0;

    public void Dispose() => _handle.Dispose();

    /// <summary>For one call while this object is alive.</summary>
    internal nint Borrow()
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        return _handle.DangerousGetHandle();
    }
}
