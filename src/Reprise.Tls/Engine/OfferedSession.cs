namespace Reprise.Tls;

/// <summary>What a ClientHello asks to resume.</summary>
public enum OfferedSession
{
    None,

    /// <summary>A TLS 1.2 session ID.</summary>
    SessionId,

    /// <summary>A TLS 1.3 PSK identity of our handles' shape: 32 bytes.</summary>
    Handle,

    /// <summary>A TLS 1.2 ticket, or a TLS 1.3 PSK identity of another shape.</summary>
    Ticket,
}
