using Yarp.ReverseProxy.Configuration;

namespace Reprise.Edge.Proxy;

/// <summary>
/// YARP's own section, as YARP's documentation has it, but for <c>Routes</c>: which cluster a request goes to is for the connection's
/// profile to say, and for nothing that stands in a request.
/// </summary>
internal sealed class ReverseProxyOptions
{
    public const string SectionName = "ReverseProxy";

    /// <summary>By name. Profiles refer to them with <c>Upstream:Cluster</c>; several may refer to one.</summary>
    public IDictionary<string, ClusterConfig> Clusters { get; set; } = new Dictionary<string, ClusterConfig>();
}
