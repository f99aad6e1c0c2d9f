using Reprise.Edge.Profiles;
using Reprise.Edge.Proxy;
using Reprise.Edge.Traces;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyProtocol.Telemetry;
using Reprise.SessionCache;

namespace Reprise.Edge.Hosting;

/// <summary>The sections of a node's configuration.</summary>
internal static class ConfigurationFile
{
    /// <summary>Each with its options; null where anything goes.</summary>
    public static readonly IReadOnlyDictionary<string, Type?> Sections = new Dictionary<string, Type?>(StringComparer.OrdinalIgnoreCase)
    {
        [EdgeOptions.SectionName] = typeof(EdgeOptions),
        [RedisSessionCacheOptions.SectionName] = typeof(RedisSessionCacheOptions),
        [KeyRingSubscriberOptions.SectionName] = typeof(KeyRingSubscriberOptions),
        [ProfileOptions.SectionName] = typeof(Dictionary<string, ProfileOptions>),
        [ReverseProxyOptions.SectionName] = typeof(ReverseProxyOptions),
        [TelemetryOptions.SectionName] = typeof(EdgeTelemetryOptions),
        ["Logging"] = null,
    };

    /// <inheritdoc cref="SettingsFile.Open"/>
    public static SettingsFile Open(string path) => SettingsFile.Open(path, Sections);

    /// <inheritdoc cref="SettingsFile.Read"/>
    public static SettingsFile Read(string path, ICollection<string> failures) => SettingsFile.Read(path, Sections, failures);
}
