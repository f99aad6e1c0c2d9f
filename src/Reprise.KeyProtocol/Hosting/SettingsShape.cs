using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Reprise.KeyProtocol.Hosting;

/// <summary>Whether a setting has the form that it is read in: one value, a list, or settings of its own. The binder's own words for it name no key.</summary>
internal static class SettingsShape
{
    /// <param name="section">Of the configuration, with all that is under it.</param>
    /// <param name="type">What it is read as; of a nullable one what it may hold.</param>
    /// <param name="element">Of a list what it is of, of a dictionary its values; else null.</param>
    /// <exception cref="ConfigurationFileException">It has another form, or a value with characters that belong into none.</exception>
    public static void Require(IConfigurationSection section, Type type, Type? element)
    {
        var isValue = IsValue(type);
        // YARP reads flags, as SslProtocols, from a list.
        if (isValue && !type.IsDefined(typeof(FlagsAttribute), inherit: false) && section.GetChildren().Any())
            throw new ConfigurationFileException($"{Printable(section.Path)} has parts; allowed: one value");
        if (element is not null && IsValue(element) && section.GetChildren().FirstOrDefault(item => item.Value is null && !item.GetChildren().Any()) is { } empty)
            throw new ConfigurationFileException($"{Printable(empty.Path)} has no value; allowed: one value");
        if (section.Value is not { Length: > 0 } text)
            return; // an empty list reads as an empty text
        if (!isValue)
            throw new ConfigurationFileException($"{Printable(section.Path)} is '{Printable(text)}'; allowed: {(element is not null ? "a list, or names with their settings" : "an object with settings")}");
        // Into a path, a header or a log line they would go as they are.
        if (text.Any(char.IsControl))
            throw new ConfigurationFileException($"{Printable(section.Path)} is '{Printable(text)}'; allowed: no control characters");
    }

    /// <summary>A text that must be one is not null: the binder would set it so, past its default.</summary>
    /// <exception cref="ConfigurationFileException">It is.</exception>
    public static void RequireText(IConfigurationSection section, PropertyInfo property)
    {
        if (property.PropertyType == typeof(string) && section.Value is null && !section.GetChildren().Any()
            && new NullabilityInfoContext().Create(property).ReadState is NullabilityState.NotNull)
        {
            throw new ConfigurationFileException($"{Printable(section.Path)} has no value; allowed: one value, or leave it out");
        }
    }

    // Also what is a class of its own and written as one text: Version, Uri.
    private static bool IsValue(Type type) => type.IsValueType || TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string));

    private static string Printable(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : $"{c}")) : text;
}
