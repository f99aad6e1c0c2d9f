namespace Reprise.Tls;

/// <summary>Who ended a handshake that did not complete.</summary>
public enum HandshakeFailure
{
    /// <summary>What the client sent is no TLS, or no TLS that the profile speaks.</summary>
    Client,

    /// <summary>The client closed, or the connection broke.</summary>
    Closed,

    /// <summary>The handshake deadline passed.</summary>
    Timeout,

    /// <summary>No profile for the name asked for.</summary>
    UnknownName,

    /// <summary>The client has no certificate, or one that does not verify.</summary>
    ClientCertificate,

    /// <summary>A fault of ours.</summary>
    Internal,

    /// <summary>The node is stopping.</summary>
    Stopping,
}
