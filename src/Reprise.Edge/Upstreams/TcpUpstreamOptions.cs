namespace Reprise.Edge.Upstreams;

/// <summary>Servers of a protocol that need not be HTTP.</summary>
internal sealed class TcpUpstreamOptions
{
    /// <summary><c>HOST:PORT</c> each. At least one.</summary>
    public IList<string> Addresses { get; set; } = [];

    /// <summary>Which of them a connection goes to. Default RoundRobin. One that cannot be reached comes last for ten seconds, in either case.</summary>
    public TcpBalance Balance { get; set; }

    /// <summary>
    /// Tells the server who the client is before its first byte: V1 its address, V2 also SNI, ALPN, TLS version, cipher and client
    /// certificate. The server must expect it. Default None.
    /// </summary>
    public SentProxyProtocol ProxyProtocol { get; set; }

    /// <summary>How long one address may take to accept, before the next is tried. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time without a byte in either direction after which a connection is cut. Default 10 min.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(10);
}
