using Reprise.KeyProtocol.Hosting;
using Yarp.ReverseProxy.Configuration;

namespace Reprise.Edge.Profiles;

/// <summary>Profiles, found by host: exact before wildcard before default. Immutable.</summary>
internal sealed class ProfileTable
{
    private readonly Dictionary<string, EdgeProfile> _exact = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, EdgeProfile> _wildcards = new(StringComparer.OrdinalIgnoreCase); // by what follows "*."
    private readonly Dictionary<string, EdgeProfile> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, EdgeProfile> _scopes = [];
    private readonly Dictionary<string, ProfileTable> _subsets = new(StringComparer.OrdinalIgnoreCase);
    private readonly EdgeProfile? _nameless;

    /// <param name="profiles">All of them.</param>
    /// <param name="subsets">For each listener that serves some of them only, their names.</param>
    public ProfileTable(IReadOnlyList<EdgeProfile> profiles, IReadOnlyDictionary<string, IReadOnlyList<string>>? subsets = null)
    {
        All = profiles;
        foreach (var profile in profiles)
        {
            _names.Add(profile.Name, profile);
            _scopes[profile.Scope.Tag] = profile;
            if (profile.Options.Hosts.Count == 0)
                Default ??= profile;
            foreach (var host in profile.Options.Hosts)
            {
                // Two may have the same host, if no listener serves both.
                if (HostPattern.IsWildcard(host))
                    _wildcards.TryAdd(host[2..], profile);
                else
                    _exact.TryAdd(host, profile);
            }
        }

        _nameless = Default;
        Subsets = subsets ?? new Dictionary<string, IReadOnlyList<string>>();
        foreach (var (listener, names) in Subsets)
            _subsets.Add(listener, new ProfileTable([.. profiles.Where(profile => names.Contains(profile.Name))], isSubset: true));
    }

    private ProfileTable(IReadOnlyList<EdgeProfile> profiles, bool isSubset)
        : this(profiles) => _nameless = Default ?? (isSubset && profiles is [var only] ? only : null);

    public IReadOnlyList<EdgeProfile> All { get; }

    /// <summary>Where requests go, by ID: also what no profile refers to.</summary>
    public IReadOnlyDictionary<string, ClusterConfig> Clusters { get; init; } = new Dictionary<string, ClusterConfig>();

    /// <summary>What it was made from, if from a file.</summary>
    public SettingsFile? File { get; init; }

    /// <summary>The one without hosts, if there is one.</summary>
    public EdgeProfile? Default { get; }

    /// <summary>The profile of this name, or null.</summary>
    public EdgeProfile? Named(string name) => _names.GetValueOrDefault(name);

    /// <summary>The profile whose stored sessions have this tag in their header, or null.</summary>
    public EdgeProfile? FindByScope(uint tag) => _scopes.GetValueOrDefault(tag);

    /// <summary>What a listener serves, by its name.</summary>
    public ProfileTable On(string listener) => _subsets.Count > 0 && _subsets.TryGetValue(listener, out var subset) ? subset : this;

    /// <summary>The names of the profiles of each listener that serves some of them only.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Subsets { get; }

    /// <summary>The profile for a host name (from SNI or an HTTP request; any content), or null.</summary>
    public EdgeProfile? Find(string? host)
    {
        if (string.IsNullOrEmpty(host))
            return _nameless;
        if (_exact.TryGetValue(host, out var profile))
            return profile;
        if (_wildcards.Count > 0 && host.IndexOf('.') is > 0 and var dot && _wildcards.TryGetValue(host[(dot + 1)..], out profile))
            return profile;
        return Default;
    }
}
