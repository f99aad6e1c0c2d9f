using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Reprise.KeyProtocol.Hosting;

/// <summary>A JSON file of settings with the environment over it, each key checked against the options it is for.</summary>
/// <param name="Configuration">Both together.</param>
/// <param name="Directory">What relative paths are relative to.</param>
public sealed record SettingsFile(IConfiguration Configuration, string Directory)
{
    /// <param name="path">The JSON file.</param>
    /// <param name="sections">Each section's options; null where anything goes.</param>
    /// <exception cref="ConfigurationFileException">No such file, not JSON, a key that is none, or a value that cannot be read.</exception>
    public static SettingsFile Open(string path, IReadOnlyDictionary<string, Type?> sections)
    {
        var full = Path.GetFullPath(path);
        if (!File.Exists(full))
            throw new ConfigurationFileException($"--config is '{path}'; allowed: the path of an existing JSON file");
        try
        {
            var json = new ConfigurationBuilder().AddJsonFile(full, optional: false, reloadOnChange: false).Build();
            // The file alone: the environment has other programs' variables too.
            foreach (var section in json.GetChildren())
                RequireKnown(section.Path, sections.Keys);
            // Read once more rather than chained: a chained configuration loses empty lists.
            var all = new ConfigurationBuilder().AddJsonFile(full, optional: false, reloadOnChange: false).AddEnvironmentVariables().Build();
            return Create(all, Path.GetDirectoryName(full)!, sections);
        }
        catch (InvalidDataException fault)
        {
            // The innermost message tells the line.
            throw new ConfigurationFileException($"{path} is not valid JSON: {fault.GetBaseException().Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>From a configuration made otherwise.</summary>
    /// <exception cref="ConfigurationFileException">A key that is none, or a value that cannot be read.</exception>
    public static SettingsFile Create(IConfiguration configuration, string directory, IReadOnlyDictionary<string, Type?> sections)
    {
        foreach (var (name, type) in sections)
        {
            if (type is not null)
                Check(configuration.GetSection(name), type);
        }

        return new SettingsFile(configuration, directory);
    }

    /// <summary>A path from the configuration, made absolute.</summary>
    public string Resolve(string path) => path.Length == 0 ? path : Path.GetFullPath(path, Directory);

    // What the binder would skip without a word, or refuse with words of its own.
    private static void Check(IConfigurationSection section, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        SettingsShape.Require(section, type, ElementOf(type));
        if (type == typeof(string))
            return;
        if (ElementOf(type) is { } element)
        {
            foreach (var item in section.GetChildren())
                Check(item, element);
            return;
        }

        if (type.IsClass)
        {
            var settings = type.GetProperties().Where(property => property.CanWrite || ElementOf(property.PropertyType) is not null).ToList();
            foreach (var setting in section.GetChildren())
            {
                RequireKnown(setting.Path, settings.Select(property => $"{section.Path}:{property.Name}"));
                var known = settings.First(property => property.Name.Equals(setting.Key, StringComparison.OrdinalIgnoreCase));
                SettingsShape.RequireText(setting, known);
                Check(setting, known.PropertyType);
            }

            return;
        }

        if (section.Value is { } text && !IsReadable(text, type))
            throw new ConfigurationFileException($"{section.Path} is '{text}'; allowed: {Allowed(type)}");
    }

    private static Type? ElementOf(Type type)
    {
        if (type.IsArray)
            return type.GetElementType();
        if (type == typeof(string) || !typeof(IEnumerable).IsAssignableFrom(type) || !type.IsGenericType)
            return null;
        return type.GetGenericArguments()[^1]; // of a list its elements, of a dictionary its values
    }

    private static bool IsReadable(string text, Type type) =>
        type == typeof(TimeSpan) ? TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _)
        : type == typeof(bool) ? bool.TryParse(text, out _)
        : type.IsEnum ? Enum.GetNames(type).Contains(text, StringComparer.OrdinalIgnoreCase)
        : type == typeof(int) ? int.TryParse(text, CultureInfo.InvariantCulture, out _)
        : type != typeof(long) || long.TryParse(text, CultureInfo.InvariantCulture, out _);

    private static string Allowed(Type type) =>
        type == typeof(TimeSpan) ? "a time as [days.]hours:minutes:seconds"
        : type == typeof(bool) ? "true, false"
        : type.IsEnum ? string.Join(", ", Enum.GetNames(type))
        : "a whole number";

    private static void RequireKnown(string key, IEnumerable<string> allowed)
    {
        var all = allowed.ToList();
        if (!all.Contains(key, StringComparer.OrdinalIgnoreCase))
            throw new ConfigurationFileException($"{key} is not a setting; allowed: {string.Join(", ", all)}");
    }
}
