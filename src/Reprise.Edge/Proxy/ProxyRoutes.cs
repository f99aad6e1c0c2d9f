using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Primitives;
using Reprise.Edge.Profiles;
using Yarp.ReverseProxy.Configuration;

namespace Reprise.Edge.Proxy;

/// <summary>What YARP knows of the profiles in service: one route for each that has an HTTP upstream, and its cluster.</summary>
internal sealed class ProxyRoutes : IProxyConfigProvider
{
    /// <summary>Carries the profile's name from connection to route, within this process; a client's own is overwritten.</summary>
    public const string ProfileHeader = "X-Reprise-Profile";

    private volatile Snapshot _snapshot;

    public ProxyRoutes(CurrentProfiles profiles)
    {
        _snapshot = new Snapshot(profiles.Table);
        // Before the swap: who comes by a new profile finds its route.
        profiles.Changing += table =>
        {
            var former = _snapshot;
            _snapshot = new Snapshot(table);
            former.Expire();
        };
    }

    public IProxyConfig GetConfig() => _snapshot;

    private static RouteConfig Route(string profile, string cluster) => new()
    {
        RouteId = profile,
        ClusterId = cluster,
        Match = new RouteMatch
        {
            Path = "{**path}",
            Headers = [new RouteHeader { Name = ProfileHeader, Values = [profile], Mode = HeaderMatchMode.ExactHeader, IsCaseSensitive = true }],
        },
        // The upstream sees the host that the client asked for, as behind any TLS terminator.
        Transforms = [new Dictionary<string, string> { ["RequestHeaderOriginalHost"] = "true" }],
    };

    [SuppressMessage("Design", "CA1001", Justification = "A source without a timer holds nothing")]
    private sealed class Snapshot : IProxyConfig
    {
        private readonly CancellationTokenSource _expired = new();

        public Snapshot(ProfileTable table)
        {
            Clusters = [.. table.Clusters.Values];
            Routes = [.. from profile in table.All
                         let cluster = ProxyClusters.Of(profile.Name, profile.Options.Upstream)
                         where cluster is not null
                         select Route(profile.Name, cluster)];
            ChangeToken = new CancellationChangeToken(_expired.Token);
        }

        public IReadOnlyList<RouteConfig> Routes { get; }

        public IReadOnlyList<ClusterConfig> Clusters { get; }

        public IChangeToken ChangeToken { get; }

        /// <summary>YARP asks for the next one, and has it when this returns.</summary>
        public void Expire() => _expired.Cancel();
    }
}
