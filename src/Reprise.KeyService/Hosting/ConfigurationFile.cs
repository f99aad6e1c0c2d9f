using Reprise.KeyProtocol.Hosting;
using Reprise.KeyProtocol.Telemetry;
using Reprise.KeyService.Dashboard;
using Reprise.KeyService.Rotation;
using Reprise.KeyService.Store;

namespace Reprise.KeyService.Hosting;

/// <summary>The sections of a key service's configuration.</summary>
internal static class ConfigurationFile
{
    /// <summary>Each with its options; null where anything goes.</summary>
    public static readonly IReadOnlyDictionary<string, Type?> Sections = new Dictionary<string, Type?>(StringComparer.OrdinalIgnoreCase)
    {
        [KeyServiceOptions.SectionName] = typeof(KeyServiceOptions),
        [RotationOptions.SectionName] = typeof(RotationOptions),
        [StoreOptions.SectionName] = typeof(StoreOptions),
        [DashboardOptions.SectionName] = typeof(DashboardOptions),
        [TelemetryOptions.SectionName] = typeof(TelemetryOptions),
        ["Logging"] = null,
    };

    /// <inheritdoc cref="SettingsFile.Open"/>
    public static SettingsFile Open(string path) => SettingsFile.Open(path, Sections);

    /// <inheritdoc cref="SettingsFile.Read"/>
    public static SettingsFile Read(string path, ICollection<string> failures) => SettingsFile.Read(path, Sections, failures);

    /// <inheritdoc cref="SettingsFile.Create"/>
    public static SettingsFile Create(IConfiguration configuration, string directory) => SettingsFile.Create(configuration, directory, Sections);
}
