namespace Reprise.Tls;

/// <summary>Why a connection was closed before TLS began.</summary>
public enum ConnectionRefusal
{
    /// <summary>Its address has as many connections as it may have.</summary>
    TooManyConnections,

    /// <summary>Its address connects faster than it may.</summary>
    TooFast,

    /// <summary>Its listener requires the word of a trusted proxy, and its peer is none.</summary>
    UntrustedProxy,

    /// <summary>The proxy's header is none, or not as it has to be, or did not come in time.</summary>
    ProxyHeader,
}
