using System.Text.RegularExpressions;
using Reprise.Edge.Hosting;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.Telemetry;
using Reprise.SessionCache;

namespace Reprise.Edge.Reload;

/// <summary>Settings that a running process cannot change: who it is, where it listens, its key services and its store.</summary>
internal static partial class RestartKeys
{
    private static readonly string[] Sections = [EdgeOptions.SectionName, RedisSessionCacheOptions.SectionName, KeyRingSubscriberOptions.SectionName, TelemetryOptions.SectionName, "Logging"];

    /// <summary>Those that differ, in alphabetical order; a list is one key.</summary>
    public static IReadOnlyList<string> Differing(IConfiguration running, IConfiguration now)
    {
        var before = Flatten(running);
        var after = Flatten(now);
        return [.. before.Keys.Union(after.Keys, StringComparer.OrdinalIgnoreCase)
            .Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key))
            .Select(key => ListItem().Replace(key, ""))
            .Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)];
    }

    private static Dictionary<string, string> Flatten(IConfiguration configuration) => Sections
        .SelectMany(section => configuration.GetSection(section).AsEnumerable())
        .Where(pair => pair.Value is { Length: > 0 } && !Live().IsMatch(pair.Key))
        .ToDictionary(pair => pair.Key, pair => pair.Value!, StringComparer.OrdinalIgnoreCase);

    // Which profiles a listener serves is part of the table.
    [GeneratedRegex("^Edge:Listeners:[^:]+:Profiles:", RegexOptions.IgnoreCase)]
    private static partial Regex Live();

    [GeneratedRegex(@":\d+$")]
    private static partial Regex ListItem();
}
