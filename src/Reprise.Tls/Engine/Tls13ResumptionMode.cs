namespace Reprise.Tls;

/// <summary>What a TLS 1.3 NewSessionTicket carries.</summary>
public enum Tls13ResumptionMode
{
    /// <summary>No tickets are sent.</summary>
    None,

    /// <summary>A random handle of 32 bytes; the session is in the store.</summary>
    Stateful,

    /// <summary>The session itself, sealed under the ticket keys.</summary>
    Stateless,
}
