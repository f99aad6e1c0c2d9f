using System.Globalization;
using Reprise.Edge.Profiles;
using Reprise.Edge.Upstreams;
using Reprise.KeyProtocol.Hosting;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.SessionAffinity;

namespace Reprise.Edge.Proxy;

/// <summary>
/// All clusters: those of <c>ReverseProxy:Clusters</c>, read with YARP's own binder and checked with YARP's own rules and some of ours,
/// and one for each profile with the short form.
/// </summary>
internal static class ProxyClusters
{
    private const string Section = $"{ReverseProxyOptions.SectionName}:{nameof(ReverseProxyOptions.Clusters)}";

    private const string ShortFormPrefix = "profile:"; // no name in a configuration has a colon

    // The others seal the key under Data Protection keys, which each node makes for itself: a client that comes back to another node
    // would be sent anywhere.
    private static readonly string[] Affinities = [SessionAffinityConstants.Policies.HashCookie, SessionAffinityConstants.Policies.ArrCookie];

    /// <summary>In a cluster's metadata, put there by us: the names of its servers with TLS, with spaces between.</summary>
    public const string ServerNames = "reprise:servers";

    /// <summary>The cluster that a profile's requests go to, or null.</summary>
    public static string? Of(string profile, UpstreamOptions upstream) =>
        upstream.Http.Count > 0 ? $"{ShortFormPrefix}{profile}" : upstream.Cluster;

    public static bool IsShortForm(string cluster) => cluster.StartsWith(ShortFormPrefix, StringComparison.Ordinal);

    public static IReadOnlyDictionary<string, ClusterConfig> Read(
        SettingsFile file, IReadOnlyDictionary<string, ProfileOptions> profiles, List<string> failures, Func<string, string> resolve)
    {
        var clusters = ReadNamed(file, failures, resolve);
        foreach (var (name, profile) in profiles.Where(profile => profile.Value.Upstream.Http.Count > 0))
        {
            var cluster = ShortForm(Of(name, profile.Upstream)!, profile.Upstream);
            clusters.Add(cluster.ClusterId, UpstreamAuthorities.Load(
                failures, $"{ProfileOptions.SectionName}:{name}:Upstream:{UpstreamAuthorities.Key}", cluster, resolve));
        }

        return clusters.ToDictionary(pair => pair.Key, pair => WithServerNames(pair.Value), StringComparer.OrdinalIgnoreCase);
    }

    private static ClusterConfig WithServerNames(ClusterConfig cluster)
    {
        var names = (cluster.Destinations ?? new Dictionary<string, DestinationConfig>()).Values
            .SelectMany(destination => new[] { destination.Address, destination.Health })
            .Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == "https" ? uri.IdnHost.Trim('[', ']') : null)
            .Where(name => name is not null).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return names.Count == 0
            ? cluster
            : cluster with { Metadata = new Dictionary<string, string>(cluster.Metadata ?? new Dictionary<string, string>()) { [ServerNames] = string.Join(' ', names) } };
    }

    private static ClusterConfig ShortForm(string id, UpstreamOptions upstream) => new()
    {
        ClusterId = id,
        HttpRequest = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromMinutes(2) },
        Destinations = upstream.Http.Select((address, i) => (address, i)).ToDictionary(
            pair => pair.i.ToString(CultureInfo.InvariantCulture), pair => new DestinationConfig { Address = pair.address }),
        Metadata = upstream.Authorities is { } path ? new Dictionary<string, string> { [UpstreamAuthorities.Key] = path } : null,
    };

    private static Dictionary<string, ClusterConfig> ReadNamed(SettingsFile file, List<string> failures, Func<string, string> resolve)
    {
        var clusters = new Dictionary<string, ClusterConfig>(StringComparer.OrdinalIgnoreCase);
        foreach (var section in file.Configuration.GetSection(Section).GetChildren())
        {
            var key = $"{Section}:{section.Key}";
            try
            {
                clusters.Add(section.Key, Read(section, key, failures, resolve));
            }
            catch (Exception fault) when (fault is FormatException or ArgumentException or OverflowException or InvalidOperationException)
            {
                clusters.TryAdd(section.Key, new ClusterConfig()); // it is there: no second failure where it is referred to
                failures.Add($"{key}: {OneLine(fault)}");
            }
        }

        return clusters;
    }

    private static ClusterConfig Read(IConfigurationSection section, string key, List<string> failures, Func<string, string> resolve)
    {
        // Each by itself, so that what YARP says can be said of the right one.
        var alone = new ConfigurationBuilder().AddInMemoryCollection(section.AsEnumerable()
            .Select(pair => KeyValuePair.Create(pair.Key[(ReverseProxyOptions.SectionName.Length + 1)..], pair.Value))).Build();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddReverseProxy().LoadFromConfig(alone);
        using var provider = services.BuildServiceProvider();
        var cluster = provider.GetRequiredService<IProxyConfigProvider>().GetConfig().Clusters[0];

        var errors = provider.GetRequiredService<IConfigValidator>().ValidateClusterAsync(cluster).AsTask().GetAwaiter().GetResult(); // waits for nothing
        failures.AddRange(errors.Select(error => $"{key}: {OneLine(error)}"));
        ValidateDestinations(failures, key, cluster.Destinations ?? new Dictionary<string, DestinationConfig>());
        if (cluster.SessionAffinity is { Enabled: true, Policy: { Length: > 0 } policy } && !Affinities.Contains(policy, StringComparer.OrdinalIgnoreCase))
            failures.Add($"{key}:SessionAffinity:Policy is '{policy}'; allowed: {string.Join(", ", Affinities)} (they mean the same to all nodes)");
        return UpstreamAuthorities.Load(failures, $"{key}:Metadata:{UpstreamAuthorities.Key}", cluster, resolve);
    }

    private static void ValidateDestinations(List<string> failures, string key, IReadOnlyDictionary<string, DestinationConfig> destinations)
    {
        if (destinations.Count == 0)
            failures.Add($"{key}:Destinations is empty; allowed: one or more, each with its Address");
        foreach (var (name, destination) in destinations)
        {
            if (!UpstreamValidator.IsHttpAddress(destination.Address))
                failures.Add($"{key}:Destinations:{name}:Address is '{destination.Address}'; allowed: http://HOST:PORT or https://HOST:PORT");
            if (destination.Health is { Length: > 0 } health && !UpstreamValidator.IsHttpAddress(health))
                failures.Add($"{key}:Destinations:{name}:Health is '{health}'; allowed: http://HOST:PORT or https://HOST:PORT");
        }
    }

    private static string OneLine(Exception fault) => fault.Message.ReplaceLineEndings(" ");
}
