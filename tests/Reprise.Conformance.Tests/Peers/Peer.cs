using Reprise.Testing;

namespace Reprise.Conformance.Tests.Peers;

/// <summary>A TLS client that comes back: real, and none of ours.</summary>
internal abstract class Peer
{
    public static readonly IReadOnlyList<Peer> All =
    [
        new OpenSslPeer(), new CurlPeer(), new SslStreamPeer(), new BouncyCastlePeer(), new GoPeer(), new JavaPeer(), new PythonPeer(), new GnuTlsPeer(), new NssPeer(), new ChromiumPeer(),
    ];

    public abstract string Name { get; }

    /// <summary>Without these it cannot run. CI installs them all.</summary>
    public virtual IReadOnlyList<string> Programs => [];

    /// <summary>How often it connects.</summary>
    public virtual int Visits => 3;

    public abstract bool Can(SessionKind kind);

    /// <summary>Connects, asks for the report, ends; then does so again with what it got, and so on.</summary>
    /// <param name="target">Each connection to its address ends at another node.</param>
    public abstract Task<IReadOnlyList<PeerVisit>> VisitAsync(PeerTarget target);

    public override string ToString() => Name;
}

/// <param name="Relay">Its first connection is to the first node, the second to the second, and so on.</param>
/// <param name="Kind">Of session.</param>
/// <param name="Authority">File of the CA to trust.</param>
/// <param name="SiteCertificate">File of the certificate that the nodes show.</param>
/// <param name="Directory">An empty one for this client's files.</param>
internal sealed record PeerTarget(TcpRelay Relay, SessionKind Kind, string Authority, string SiteCertificate, string Directory)
{
    public string Host => Kind.Host();

    public string Address => Relay.Address;

    public int Port => Relay.Port;

    public string File(string name) => Path.Combine(Directory, name);
}
