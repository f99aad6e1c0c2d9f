using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reprise.Testing.Configuration;

/// <summary>
/// The JSON schema of a configuration file, made from the option classes by the rules that the file is checked by: so the published one can be
/// compared with what the code takes.
/// </summary>
public static class SettingsSchema
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Default) { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="title">Whose file it is.</param>
    /// <param name="sections">Each section's options; null where anything goes.</param>
    public static string Create(string title, IReadOnlyDictionary<string, Type?> sections)
    {
        var properties = new JsonObject { ["$schema"] = new JsonObject { ["type"] = "string", ["description"] = "For editors: where this schema is." } };
        foreach (var (name, type) in sections)
            properties[name] = type is null ? new JsonObject { ["type"] = "object" } : Of(type, member: null, value: null);
        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = title,
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
        }.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Of(Type type, PropertyInfo? member, object? value)
    {
        var schema = new JsonObject();
        if ((member is null ? null : XmlDocs.Of(member)) is { } text || (text = XmlDocs.Of(Nullable.GetUnderlyingType(type) ?? type)) is not null)
            schema["description"] = text;
        var optional = Nullable.GetUnderlyingType(type) is not null || member is not null && !type.IsValueType && new NullabilityInfoContext().Create(member).WriteState is NullabilityState.Nullable;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (Elements(type) is { } element)
        {
            var isDictionary = type.GetGenericArguments().Length == 2;
            schema["type"] = Kind(isDictionary ? "object" : "array", optional);
            schema[isDictionary ? "additionalProperties" : "items"] = isDictionary ? Of(element, null, null) : Constrain(Of(element, null, null), member);
        }
        else if (Scalar(type, optional) is { } scalar)
        {
            foreach (var (key, part) in scalar)
                schema[key] = part?.DeepClone();
            Constrain(schema, member);
            if (value is not (null or "" or false))
                schema["default"] = value is string or int or long or double or bool ? JsonValue.Create(value) : value.ToString();
        }
        else
        {
            schema["type"] = Kind("object", optional);
            if (type.FullName!.StartsWith("Reprise.", StringComparison.Ordinal))
                AddProperties(schema, type);
        }

        return schema;
    }

    private static void AddProperties(JsonObject schema, Type type)
    {
        var defaults = Activator.CreateInstance(type);
        var properties = new JsonObject();
        foreach (var property in type.GetProperties().Where(property => property.CanWrite || Elements(property.PropertyType) is not null))
            properties[property.Name] = Of(property.PropertyType, property, property.GetValue(defaults));
        schema["properties"] = properties;
        schema["additionalProperties"] = false;
    }

    private static JsonObject? Scalar(Type type, bool optional) =>
        type == typeof(string) ? new() { ["type"] = Kind("string", optional) }
        : type == typeof(bool) ? new() { ["type"] = Kind("boolean", optional) }
        : type == typeof(int) || type == typeof(long) ? new() { ["type"] = Kind("integer", optional) }
        : type == typeof(double) ? new() { ["type"] = Kind("number", optional) }
        : type == typeof(TimeSpan) ? new() { ["type"] = Kind("string", optional), ["pattern"] = @"^(\d+\.)?\d{1,2}:\d{2}(:\d{2}(\.\d{1,7})?)?$" }
        : type.IsEnum ? new() { ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(name => JsonValue.Create(name)), .. optional ? new JsonNode?[] { null } : []]) }
        : null;

    private static JsonObject Constrain(JsonObject schema, PropertyInfo? member)
    {
        if (member?.GetCustomAttribute<RangeAttribute>() is { Minimum: int least, Maximum: int most })
            (schema["minimum"], schema["maximum"]) = (least, most);
        if (member?.GetCustomAttribute<RangeAttribute>() is { Minimum: double lowest, Maximum: double highest })
            (schema["minimum"], schema["maximum"]) = (lowest, highest);
        if (member?.GetCustomAttribute<RegularExpressionAttribute>() is { } pattern)
            schema["pattern"] = pattern.Pattern;
        if (member?.GetCustomAttribute<AllowedValuesAttribute>() is { } values)
            schema["enum"] = new JsonArray([.. values.Values.Select(value => JsonValue.Create((string)value!))]);
        return schema;
    }

    private static JsonNode Kind(string kind, bool optional) => optional ? new JsonArray(kind, "null") : JsonValue.Create(kind);

    private static Type? Elements(Type type) =>
        type.IsArray ? type.GetElementType()
        : type == typeof(string) || !typeof(IEnumerable).IsAssignableFrom(type) || !type.IsGenericType ? null : type.GetGenericArguments()[^1];
}
