namespace Reprise.Tls;

/// <summary>How the connection's TLS session came about; on every connection of this transport.</summary>
public interface ISessionResumptionFeature
{
    /// <summary>Complete and read-only.</summary>
    Handshake Handshake { get; }
}
