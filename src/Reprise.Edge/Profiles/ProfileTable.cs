namespace Reprise.Edge.Profiles;

/// <summary>All profiles, found by host: exact before wildcard before default. Immutable.</summary>
internal sealed class ProfileTable
{
    private readonly Dictionary<string, EdgeProfile> _exact = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, EdgeProfile> _wildcards = new(StringComparer.OrdinalIgnoreCase); // by what follows "*."
    private readonly Dictionary<string, EdgeProfile> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, EdgeProfile> _scopes = [];

    public ProfileTable(IReadOnlyList<EdgeProfile> profiles)
    {
        All = profiles;
        foreach (var profile in profiles)
        {
            _names.Add(profile.Name, profile);
            _scopes[profile.Scope.Tag] = profile;
            if (profile.Options.Hosts.Count == 0)
                Default = profile;
            foreach (var host in profile.Options.Hosts)
            {
                if (HostPattern.IsWildcard(host))
                    _wildcards.Add(host[2..], profile);
                else
                    _exact.Add(host, profile);
            }
        }
    }

    public IReadOnlyList<EdgeProfile> All { get; }

    /// <summary>The one without hosts, if there is one.</summary>
    public EdgeProfile? Default { get; }

    /// <summary>The profile of this name, or null.</summary>
    public EdgeProfile? Named(string name) => _names.GetValueOrDefault(name);

    /// <summary>The profile whose stored sessions have this tag in their header, or null.</summary>
    public EdgeProfile? FindByScope(uint tag) => _scopes.GetValueOrDefault(tag);

    /// <summary>The profile for a host name (from SNI or an HTTP request; any content), or null.</summary>
    public EdgeProfile? Find(string? host)
    {
        if (string.IsNullOrEmpty(host))
            return Default;
        if (_exact.TryGetValue(host, out var profile))
            return profile;
        if (_wildcards.Count > 0 && host.IndexOf('.') is > 0 and var dot && _wildcards.TryGetValue(host[(dot + 1)..], out profile))
            return profile;
        return Default;
    }
}
