using Reprise.KeyProtocol.Hosting;
using Reprise.KeyService.Rotation;
using Reprise.KeyService.Store;

namespace Reprise.KeyService.Hosting;

/// <summary>The sections of a key service's configuration.</summary>
internal static class ConfigurationFile
{
    private static readonly Dictionary<string, Type?> s_sections = new(StringComparer.OrdinalIgnoreCase)
    {
        [KeyServiceOptions.SectionName] = typeof(KeyServiceOptions),
        [RotationOptions.SectionName] = typeof(RotationOptions),
        [StoreOptions.SectionName] = typeof(StoreOptions),
        ["Logging"] = null,
    };

    /// <inheritdoc cref="SettingsFile.Open"/>
    public static SettingsFile Open(string path) => SettingsFile.Open(path, s_sections);

    /// <inheritdoc cref="SettingsFile.Create"/>
    public static SettingsFile Create(IConfiguration configuration, string directory) => SettingsFile.Create(configuration, directory, s_sections);
}
