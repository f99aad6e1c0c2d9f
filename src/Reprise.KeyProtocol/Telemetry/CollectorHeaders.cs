using System.Net.Http.Headers;

namespace Reprise.KeyProtocol.Telemetry;

/// <summary>The headers that a collector wants to see: a line each, <c>NAME: VALUE</c>.</summary>
internal static class CollectorHeaders
{
    /// <exception cref="FormatException">A line is none; the message has its number, and nothing of its text.</exception>
    /// <exception cref="IOException">The file cannot be read; so says <see cref="UnauthorizedAccessException"/>.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(string file)
    {
        var headers = new List<KeyValuePair<string, string>>();
        using var request = new HttpRequestMessage();
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = colon < 0 ? ("", "") : (line[..colon].Trim(), line[(colon + 1)..].Trim());
            if (value.Any(char.IsControl) || !TryAdd(request.Headers, name, value))
                throw new FormatException($"line {number} is no header");
            headers.Add(new(name, value));
        }

        return headers;
    }

    private static bool TryAdd(HttpRequestHeaders headers, string name, string value) => name.Length > 0 && headers.TryAddWithoutValidation(name, value);
}
