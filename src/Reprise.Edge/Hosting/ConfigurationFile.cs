using Reprise.Edge.Profiles;
using Reprise.Edge.Proxy;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.Hosting;
using Reprise.SessionCache;

namespace Reprise.Edge.Hosting;

/// <summary>The sections of a node's configuration.</summary>
internal static class ConfigurationFile
{
    private static readonly Dictionary<string, Type?> Sections = new(StringComparer.OrdinalIgnoreCase)
    {
        [EdgeOptions.SectionName] = typeof(EdgeOptions),
        [RedisSessionCacheOptions.SectionName] = typeof(RedisSessionCacheOptions),
        [KeyRingSubscriberOptions.SectionName] = typeof(KeyRingSubscriberOptions),
        [ProfileOptions.SectionName] = typeof(Dictionary<string, ProfileOptions>),
        [ReverseProxyOptions.SectionName] = typeof(ReverseProxyOptions),
        ["Logging"] = null,
    };

    /// <inheritdoc cref="SettingsFile.Open"/>
    public static SettingsFile Open(string path) => SettingsFile.Open(path, Sections);
}
