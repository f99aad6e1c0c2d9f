using System.Text.Json;

namespace Reprise.KeyProtocol.Hosting;

/// <summary>Tells whoever started a process where it listens, when it does. Written whole or not at all.</summary>
public static class ReadyFile
{
    /// <param name="path">From the configuration.</param>
    /// <param name="setting">Its key there, for the message.</param>
    /// <param name="contents">To be written as JSON.</param>
    /// <exception cref="ConfigurationFileException">The path cannot be written.</exception>
    public static void Write<T>(string path, string setting, T contents) => Touch(path, setting, () =>
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(contents, JsonSerializerOptions.Web));
        File.Move(temporary, path, overwrite: true);
    });

    /// <summary>At a stop; and at a start, for what a killed predecessor has left.</summary>
    /// <inheritdoc cref="Write"/>
    public static void Delete(string path, string setting) => Touch(path, setting, () =>
    {
        if (File.Exists(path))
            File.Delete(path);
    });

    /// <summary>A text property of what was written, or null.</summary>
    public static string? Read(string path, string property)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.TryGetProperty(property, out var value) ? value.GetString() : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether another process has written it since.</summary>
    public static bool IsOfAnother(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.TryGetProperty("pid", out var pid) && pid.TryGetInt32(out var id) && id != Environment.ProcessId;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static void Touch(string path, string setting, Action action)
    {
        try
        {
            action();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationFileException($"{setting} is '{path}'; allowed: a path that can be written ({fault.Message})");
        }
    }
}
