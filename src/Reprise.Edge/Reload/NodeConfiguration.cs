using Reprise.Edge.Hosting;
using Reprise.Edge.Profiles;
using Reprise.Edge.Proxy;
using Reprise.Edge.Upstreams;
using Reprise.KeyProtocol.Hosting;
using Reprise.SessionCache;
using Yarp.ReverseProxy.Configuration;

namespace Reprise.Edge.Reload;

/// <summary>
/// A configuration read from its file and checked whole, as the start, a reload and <c>--check</c> do: what is wrong is a line in
/// <see cref="Failures"/>, each with key, value and what is allowed.
/// </summary>
internal sealed class NodeConfiguration
{
    private NodeConfiguration(SettingsFile? file, IReadOnlyList<ProfileSettings> profiles, IReadOnlyList<string> failures)
    {
        File = file;
        Profiles = profiles;
        Failures = failures;
    }

    /// <summary>Null if it is no JSON at all.</summary>
    public SettingsFile? File { get; }

    public IReadOnlyList<ProfileSettings> Profiles { get; }

    public IReadOnlyList<string> Failures { get; }

    /// <summary>All files that profiles and clusters name.</summary>
    public IReadOnlyList<string> Files { get; private init; } = [];

    public IReadOnlyDictionary<string, ClusterConfig> Clusters { get; private init; } = new Dictionary<string, ClusterConfig>();

    /// <summary>Which profiles listeners serve; see <see cref="ListenerProfiles"/>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Subsets { get; private init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Names of all listeners that have one.</summary>
    public IReadOnlySet<string> Listeners { get; private init; } = new HashSet<string>();

    /// <summary>Reads and checks everything that needs no certificate opened.</summary>
    public static NodeConfiguration Read(string path)
    {
        var failures = new List<string>();
        SettingsFile file;
        try
        {
            file = ConfigurationFile.Read(path, failures);
        }
        catch (ConfigurationFileException fault)
        {
            return new NodeConfiguration(null, [], [fault.Message]);
        }

        failures.AddRange(EdgeHost.Validate(file));
        var profiles = Of(file);
        return profiles.With(profiles.Profiles, [.. failures, .. profiles.Failures]);
    }

    /// <summary>Only the profiles against which nothing has been said.</summary>
    public NodeConfiguration Sound() => With(
        [.. Profiles.Where(profile => !Failures.Any(failure => failure.StartsWith($"{ProfileOptions.SectionName}:{profile.Name}:", StringComparison.OrdinalIgnoreCase)))], []);

    /// <summary>Checks profiles and clusters alone: the rest of the file is checked where it is used.</summary>
    public static NodeConfiguration Of(SettingsFile file)
    {
        var settings = ProfileSettings.Read(file);
        var profiles = settings.ToDictionary(profile => profile.Name, profile => profile.Options);
        var edge = file.Configuration.GetSection(EdgeOptions.SectionName).Get<EdgeOptions>() ?? new EdgeOptions();
        var hasStore = file.Configuration[$"{RedisSessionCacheOptions.SectionName}:Redis"] is { Length: > 0 };
        var failures = ProfileValidator.Validate(profiles, hasStore, edge).ToList();
        var files = new List<string>();
        var clusters = ProxyClusters.Read(file, profiles, failures, path =>
        {
            files.Add(file.Resolve(path));
            return files[^1];
        });
        UpstreamValidator.Validate(failures, profiles, clusters);
        return new NodeConfiguration(file, settings, failures)
        {
            Clusters = clusters,
            Subsets = ListenerProfiles.Subsets(edge),
            Listeners = edge.Listeners.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase),
            Files = [.. settings.SelectMany(profile => profile.Files).Concat(files).Distinct(StringComparer.Ordinal)],
        };
    }

    private NodeConfiguration With(IReadOnlyList<ProfileSettings> profiles, IReadOnlyList<string> failures) =>
        new(File, profiles, failures) { Clusters = Clusters, Subsets = Subsets, Listeners = Listeners, Files = Files };
}
