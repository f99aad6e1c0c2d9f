using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Reprise.KeyProtocol.Hosting;

/// <summary>A JSON file of settings with the environment over it, each key checked against the options it is for.</summary>
/// <param name="Configuration">Both together.</param>
/// <param name="Directory">What relative paths are relative to.</param>
public sealed record SettingsFile(IConfiguration Configuration, string Directory)
{
    /// <summary>For editors: where the file's JSON schema is. Not a setting.</summary>
    private const string SchemaKey = "$schema";

    /// <summary>Where it was read from, absolute; null if it was made otherwise.</summary>
    public string? Path { get; private init; }

    /// <param name="path">The JSON file.</param>
    /// <param name="sections">Each section's options; null where anything goes.</param>
    /// <exception cref="ConfigurationFileException">No such file, not JSON, a key that is none, or a value that cannot be read; names all of them.</exception>
    public static SettingsFile Open(string path, IReadOnlyDictionary<string, Type?> sections)
    {
        var failures = new List<string>();
        var file = Read(path, sections, failures);
        return failures.Count == 0 ? file : throw new ConfigurationFileException(string.Join("; ", failures));
    }

    /// <summary>As <see cref="Open"/>, but goes on without the keys and values that are wrong, so that all else can be checked too.</summary>
    /// <param name="path">The JSON file.</param>
    /// <param name="sections">Each section's options; null where anything goes.</param>
    /// <param name="failures">Takes a line for each key that is none and each value that cannot be read.</param>
    /// <exception cref="ConfigurationFileException">No such file, or not JSON.</exception>
    public static SettingsFile Read(string path, IReadOnlyDictionary<string, Type?> sections, ICollection<string> failures)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (!File.Exists(full))
            throw new ConfigurationFileException($"--config is '{path}'; allowed: the path of an existing JSON file");
        IConfiguration json, all;
        try
        {
            // Read once more rather than chained: a chained configuration loses empty lists.
            all = new ConfigurationBuilder().AddJsonFile(full, optional: false, reloadOnChange: false).AddEnvironmentVariables().Build();
            json = new ConfigurationBuilder().AddJsonFile(full, optional: false, reloadOnChange: false).Build();
        }
        catch (InvalidDataException fault)
        {
            // The innermost message tells the line.
            throw new ConfigurationFileException($"{path} is not valid JSON: {fault.GetBaseException().Message.ReplaceLineEndings(" ")}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationFileException($"--config is '{path}'; allowed: a readable file ({fault.Message})");
        }

        var wrong = new List<string>();
        // The file alone: the environment has other programs' variables too.
        foreach (var section in json.GetChildren().Where(section => section.Path != SchemaKey))
            Know(section.Path, sections.Keys, failures, wrong);
        Check(all, sections, failures, wrong);
        return new SettingsFile(wrong.Count == 0 ? all : Without(all, wrong), System.IO.Path.GetDirectoryName(full)!) { Path = full };
    }

    /// <summary>From a configuration made otherwise.</summary>
    /// <exception cref="ConfigurationFileException">A key that is none, or a value that cannot be read; names all of them.</exception>
    public static SettingsFile Create(IConfiguration configuration, string directory, IReadOnlyDictionary<string, Type?> sections)
    {
        var failures = new List<string>();
        Check(configuration, sections, failures, []);
        return failures.Count == 0 ? new SettingsFile(configuration, directory) : throw new ConfigurationFileException(string.Join("; ", failures));
    }

    /// <summary>A path from the configuration, made absolute.</summary>
    public string Resolve(string path) => path.Length == 0 ? path : System.IO.Path.GetFullPath(path, Directory);

    private static void Check(IConfiguration configuration, IReadOnlyDictionary<string, Type?> sections, ICollection<string> failures, List<string> wrong)
    {
        foreach (var (name, type) in sections)
        {
            if (type is not null)
                Check(configuration.GetSection(name), type, failures, wrong);
        }
    }

    // What the binder would skip without a word, or refuse with words of its own.
    private static void Check(IConfigurationSection section, Type type, ICollection<string> failures, List<string> wrong)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (!HasShape(() => SettingsShape.Require(section, type, ElementOf(type)), section, failures, wrong) || type == typeof(string))
            return;
        if (ElementOf(type) is { } element)
        {
            foreach (var item in section.GetChildren())
                Check(item, element, failures, wrong);
            return;
        }

        if (type.IsClass)
        {
            var settings = type.GetProperties().Where(property => property.CanWrite || ElementOf(property.PropertyType) is not null).ToList();
            foreach (var setting in section.GetChildren())
            {
                if (!Know(setting.Path, settings.Select(property => $"{section.Path}:{property.Name}"), failures, wrong))
                    continue;
                var known = settings.First(property => property.Name.Equals(setting.Key, StringComparison.OrdinalIgnoreCase));
                if (HasShape(() => SettingsShape.RequireText(setting, known), setting, failures, wrong))
                    Check(setting, known.PropertyType, failures, wrong);
            }

            return;
        }

        if (section.Value is { } text && !IsReadable(text, type))
        {
            failures.Add($"{section.Path} is '{text}'; allowed: {Allowed(type)}");
            wrong.Add(section.Path);
        }
    }

    private static bool HasShape(Action require, IConfigurationSection section, ICollection<string> failures, List<string> wrong)
    {
        try
        {
            require();
            return true;
        }
        catch (ConfigurationFileException fault)
        {
            failures.Add(fault.Message);
            wrong.Add(section.Path);
            return false;
        }
    }

    private static bool Know(string key, IEnumerable<string> allowed, ICollection<string> failures, List<string> wrong)
    {
        var all = allowed.ToList();
        if (all.Contains(key, StringComparer.OrdinalIgnoreCase))
            return true;
        failures.Add($"{key} is not a setting; allowed: {string.Join(", ", all)}");
        wrong.Add(key);
        return false;
    }

    private static IConfigurationRoot Without(IConfiguration all, List<string> wrong) => new ConfigurationBuilder()
        .AddInMemoryCollection(all.AsEnumerable().Where(pair => !wrong.Exists(key =>
            pair.Key.Equals(key, StringComparison.OrdinalIgnoreCase) || pair.Key.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase))))
        .Build();

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
        : type == typeof(double) ? double.TryParse(text, CultureInfo.InvariantCulture, out _)
        : type == typeof(int) ? int.TryParse(text, CultureInfo.InvariantCulture, out _)
        : type != typeof(long) || long.TryParse(text, CultureInfo.InvariantCulture, out _);

    private static string Allowed(Type type) =>
        type == typeof(TimeSpan) ? "a time as [days.]hours:minutes:seconds"
        : type == typeof(bool) ? "true, false"
        : type.IsEnum ? string.Join(", ", Enum.GetNames(type))
        : type == typeof(double) ? "a number"
        : "a whole number";
}
