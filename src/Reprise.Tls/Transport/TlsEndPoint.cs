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

    /// <summary>What the listener is called, for a policy that decides by it; empty: it has no name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whether connections begin with the word of a proxy on who the client is.</summary>
    public ProxyProtocolMode ProxyProtocol { get; init; }

    public override bool Equals(object? obj) => obj is TlsEndPoint other && other.Address.Equals(Address) && other.Name == Name;

    public override int GetHashCode() => HashCode.Combine(Address, Name);

    public override string ToString() => Address.ToString();

    internal TlsEndPoint At(IPEndPoint bound) => new(bound) { Name = Name, ProxyProtocol = ProxyProtocol };
}
