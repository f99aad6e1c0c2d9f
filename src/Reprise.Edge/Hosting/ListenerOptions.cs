using Reprise.Tls;

namespace Reprise.Edge.Hosting;

/// <summary>An address where clients connect with TLS, with settings of its own.</summary>
internal sealed class ListenerOptions
{
    /// <summary><c>IP:PORT</c>; port 0 takes a free one. Required.</summary>
    public string Address { get; set; } = "";

    /// <summary>
    /// Names of the profiles that it serves. Its default is the one without hosts among them; a single one also takes clients
    /// that send no name. Empty: all profiles.
    /// </summary>
    public IList<string> Profiles { get; set; } = [];

    /// <summary>Whether a proxy in <c>Edge:ProxyProtocol:Trusted</c> tells who the client is. Default None.</summary>
    public ProxyProtocolMode ProxyProtocol { get; set; }
}
