using Reprise.Edge.Profiles;
using Reprise.Edge.Proxy;
using Yarp.ReverseProxy.Configuration;

namespace Reprise.Edge.Upstreams;

/// <summary>Each failure names key, value and what is allowed.</summary>
internal static class UpstreamValidator
{
    public static void Validate(List<string> failures, IReadOnlyDictionary<string, ProfileOptions> profiles, IReadOnlyDictionary<string, ClusterConfig> clusters)
    {
        foreach (var (name, profile) in profiles)
            Validate(failures, $"{ProfileOptions.SectionName}:{name}:Upstream", profile.Upstream, clusters);
    }

    /// <summary>An address that requests can be sent to; a path in it goes before theirs.</summary>
    public static bool IsHttpAddress(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0
        && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0;

    private static void Validate(List<string> failures, string section, UpstreamOptions upstream, IReadOnlyDictionary<string, ClusterConfig> clusters)
    {
        var kinds = new List<string>();
        if (upstream.Http.Count > 0)
            kinds.Add(nameof(upstream.Http));
        if (upstream.Cluster is not null)
            kinds.Add(nameof(upstream.Cluster));
        if (upstream.Tcp is not null)
            kinds.Add(nameof(upstream.Tcp));
        if (kinds.Count > 1)
            failures.Add($"{section} has {string.Join(" and ", kinds)}; allowed: one of Http, Cluster, Tcp");
        for (var i = 0; i < upstream.Http.Count; i++)
        {
            if (!IsHttpAddress(upstream.Http[i]))
                failures.Add($"{section}:Http:{i} is '{upstream.Http[i]}'; allowed: http://HOST:PORT or https://HOST:PORT");
        }

        if (upstream.Authorities is { } authorities && upstream.Http.Count == 0)
            failures.Add($"{section}:Authorities is '{authorities}' without Http; allowed: with Http (a cluster's stand in ReverseProxy:Clusters:NAME:Metadata:Authorities)");
        if (upstream.Cluster is { } cluster && !clusters.ContainsKey(cluster))
        {
            var named = string.Join(", ", clusters.Keys.Where(key => !ProxyClusters.IsShortForm(key)));
            failures.Add($"{section}:Cluster is '{cluster}'; allowed: a name in ReverseProxy:Clusters{(named.Length > 0 ? $" ({named})" : ", which has none")}");
        }

        if (upstream.Tcp is { } tcp)
            Validate(failures, $"{section}:Tcp", tcp);
    }

    private static void Validate(List<string> failures, string section, TcpUpstreamOptions tcp)
    {
        if (tcp.Addresses.Count == 0)
            failures.Add($"{section}:Addresses is empty; allowed: one or more HOST:PORT");
        for (var i = 0; i < tcp.Addresses.Count; i++)
        {
            if (!TcpAddress.TryParse(tcp.Addresses[i], out _))
                failures.Add($"{section}:Addresses:{i} is '{tcp.Addresses[i]}'; allowed: HOST:PORT, as db.internal:5432 or [::1]:5432");
        }

        ProfileValidator.RequireTime(failures, $"{section}:ConnectTimeout", tcp.ConnectTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        ProfileValidator.RequireTime(failures, $"{section}:IdleTimeout", tcp.IdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7));
    }
}
