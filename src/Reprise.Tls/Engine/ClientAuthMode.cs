namespace Reprise.Tls;

/// <summary>Whether clients present certificates.</summary>
public enum ClientAuthMode
{
    /// <summary>None is asked for.</summary>
    None,

    /// <summary>One is asked for. A client without one is anonymous; one that does not verify ends the handshake.</summary>
    Optional,

    /// <summary>No handshake without one that verifies.</summary>
    Required,
}
