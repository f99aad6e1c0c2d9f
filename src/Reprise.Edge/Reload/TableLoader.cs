using Reprise.Edge.Profiles;
using Reprise.SessionCache;
using Reprise.Tls;

namespace Reprise.Edge.Reload;

/// <summary>Makes a table of profiles of a checked configuration; those that have not changed stay the objects they are, with keys and near cache.</summary>
internal static class TableLoader
{
    private const int Attempts = 3;

    /// <exception cref="ProfileException">Certificates or keys cannot be used; names all of them.</exception>
    public static ProfileTable Load(NodeConfiguration configuration, RedisSessionCacheOptions sessions, RedisSessionCache store, DateTimeOffset now)
    {
        var failures = new List<string>();
        return TryLoad(configuration, sessions, store, now, former: null, failures) ?? throw new ProfileException(failures);
    }

    /// <param name="configuration">Without failures, or only those profiles are looked at that can be.</param>
    /// <param name="sessions">Of the running process.</param>
    /// <param name="store">Null where nothing is going to be served.</param>
    /// <param name="now">Dates of certificates count at this moment.</param>
    /// <param name="former">What is served now.</param>
    /// <param name="failures">Takes a line for each thing that cannot be used.</param>
    /// <returns>Null after a failure, also one that was told before.</returns>
    public static ProfileTable? TryLoad(
        NodeConfiguration configuration, RedisSessionCacheOptions sessions, RedisSessionCache? store, DateTimeOffset now, ProfileTable? former, List<string> failures)
    {
        OpenSslLibrary.EnsureUsable();
        var profiles = configuration.Profiles.Select(settings => Load(settings, sessions, store, now, former?.Named(settings.Name), failures)).OfType<EdgeProfile>().ToList();
        if (failures.Count == 0)
            return new ProfileTable(profiles, Subsets(configuration, former)) { Clusters = configuration.Clusters, File = configuration.File };

        Discard(profiles, former);
        return null;
    }

    // A listener that the file has no more, or calls otherwise, stays open until the node is restarted: it must not serve more than it did.
    private static Dictionary<string, IReadOnlyList<string>> Subsets(NodeConfiguration configuration, ProfileTable? former)
    {
        var subsets = new Dictionary<string, IReadOnlyList<string>>(configuration.Subsets, StringComparer.OrdinalIgnoreCase);
        foreach (var (listener, names) in former?.Subsets ?? new Dictionary<string, IReadOnlyList<string>>())
        {
            if (!configuration.Listeners.Contains(listener))
                subsets.TryAdd(listener, names);
        }

        return subsets;
    }

    private static void Discard(List<EdgeProfile> profiles, ProfileTable? former)
    {
        foreach (var profile in profiles.Where(profile => former?.Named(profile.Name) != profile))
            profile.Tls.Dispose();
    }

    private static EdgeProfile? Load(
        ProfileSettings settings, RedisSessionCacheOptions sessions, RedisSessionCache? store, DateTimeOffset now, EdgeProfile? former, List<string> failures)
    {
        for (var attempt = 1; ; attempt++)
        {
            var fingerprint = settings.Fingerprint();
            if (former?.Fingerprint == fingerprint)
                return former;
            EdgeProfile? profile = null;
            var told = new List<string>();
            try
            {
                profile = ProfileLoader.Load(settings.Name, settings.Options, sessions, store, now, former, fingerprint);
            }
            catch (ProfileException fault)
            {
                told.AddRange(fault.Failures);
            }

            // A file that was written meanwhile is read again: certificate and key must not be of different days.
            if (attempt < Attempts && settings.Fingerprint() != fingerprint)
            {
                profile?.Tls.Dispose();
                continue;
            }

            failures.AddRange(told);
            return profile;
        }
    }
}
