using System.Net;

namespace Reprise.Tls;

/// <summary>
/// An address where TLS is terminated by this transport. Its own type, so that Kestrel's plain listeners (management ports)
/// stay on Kestrel's sockets.
/// </summary>
public sealed class TlsEndPoint(IPEndPoint address) : EndPoint
{
    /// <summary>Where to listen; port 0 takes a free one.</summary>
    public IPEndPoint Address { get; } = address;

    public override bool Equals(object? obj) => obj is TlsEndPoint other && other.Address.Equals(Address);

    public override int GetHashCode() => Address.GetHashCode();

    public override string ToString() => Address.ToString();
}
