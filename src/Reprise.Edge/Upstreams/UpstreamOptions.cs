namespace Reprise.Edge.Upstreams;

/// <summary>Where a profile's connections lead. One of <see cref="Http"/>, <see cref="Cluster"/> and <see cref="Tcp"/>; with none, requests get 404.</summary>
internal sealed class UpstreamOptions
{
    /// <summary>Base addresses of HTTP servers, <c>http://</c> or <c>https://</c>; requests are spread over them. The short form of a cluster.</summary>
    public IList<string> Http { get; set; } = [];

    /// <summary>With <see cref="Http"/>: PEM file of the only CAs that may have signed the servers' certificates. Default: the system's.</summary>
    public string? Authorities { get; set; }

    /// <summary>A cluster of YARP's own section <c>ReverseProxy:Clusters</c>: load balancing, health checks, session affinity, HTTP/2 to the servers.</summary>
    public string? Cluster { get; set; }

    /// <summary>Any protocol: what clients send is passed on as it is, decrypted. No HTTP, so no redirect, no 421, no diagnostics.</summary>
    public TcpUpstreamOptions? Tcp { get; set; }
}
