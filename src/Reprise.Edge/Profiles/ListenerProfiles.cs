using Reprise.Edge.Hosting;

namespace Reprise.Edge.Profiles;

/// <summary>Which profiles each listener serves, and that hosts lead to one of them.</summary>
internal static class ListenerProfiles
{
    private const string Section = ProfileOptions.SectionName;

    /// <summary>Of the listeners that serve some profiles only: their names.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Subsets(EdgeOptions edge) => edge.Listeners
        .Where(listener => listener.Value.Profiles.Count > 0)
        .ToDictionary(listener => listener.Key, listener => (IReadOnlyList<string>)[.. listener.Value.Profiles]);

    /// <summary>On no listener may two profiles have the same host, or two have none.</summary>
    public static void Validate(List<string> failures, IReadOnlyDictionary<string, ProfileOptions> profiles, EdgeOptions edge)
    {
        var subsets = Subsets(edge);
        if (edge.Listen.Count > 0 || subsets.Count < edge.Listeners.Count || edge.Listeners.Count == 0)
            RequireDistinct(failures, profiles, [.. profiles.Keys], where: "");
        foreach (var (listener, names) in subsets)
        {
            var known = new List<string>();
            for (var i = 0; i < names.Count; i++)
            {
                if (profiles.ContainsKey(names[i]))
                    known.Add(names[i]);
                else
                    failures.Add($"{EdgeOptions.SectionName}:Listeners:{listener}:Profiles:{i} is '{names[i]}'; allowed: {string.Join(", ", profiles.Keys)}");
            }

            RequireDistinct(failures, profiles, [.. known.Distinct()], where: $" on {EdgeOptions.SectionName}:Listeners:{listener}");
        }
    }

    private static void RequireDistinct(List<string> failures, IReadOnlyDictionary<string, ProfileOptions> profiles, IReadOnlyList<string> names, string where)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        string? defaultProfile = null;
        foreach (var name in names)
        {
            var hosts = profiles[name].Hosts;
            for (var i = 0; i < hosts.Count; i++)
            {
                if (!owners.TryAdd(hosts[i], name))
                    failures.Add($"{Section}:{name}:Hosts:{i} is '{hosts[i]}', which {Section}:{owners[hosts[i]]} has too; allowed: each host in one profile{where}");
            }

            if (hosts.Count > 0)
                continue;
            if (defaultProfile is not null)
                failures.Add($"{Section}:{name}:Hosts is empty, and so is {Section}:{defaultProfile}:Hosts; allowed: one default profile{where}");
            defaultProfile ??= name;
        }
    }
}
