namespace Reprise.Tls;

/// <summary>How the client's side of a connection ended; on every connection of this transport.</summary>
public interface ITlsCloseFeature
{
    /// <summary>
    /// Whether its close_notify has come. If its input ended without, it may have been cut short by anybody on the way
    /// (RFC 8446 section 6.1). Known once the input has ended.
    /// </summary>
    bool PeerSaidGoodbye { get; }
}
