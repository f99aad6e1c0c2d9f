using System.Globalization;
using System.Text;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>
/// Looks for the bytes of a key: as they are, and in the ways in which bytes are written down. A part of them is enough, from the
/// beginning, the middle or the end: logs cut what is long.
/// </summary>
internal sealed class KeyTraces
{
    private const int Part = 10;

    private readonly List<(string Form, byte[] Pattern)> _patterns = [];

    /// <param name="key">32 bytes.</param>
    public KeyTraces(ReadOnlySpan<byte> key)
    {
        for (var at = 0; at + Part <= key.Length; at += Part + 1)
            Add(key.Slice(at, Part).ToArray());
    }

    /// <summary>The form in which it is there, or null.</summary>
    public string? FindIn(ReadOnlySpan<byte> place)
    {
        foreach (var (form, pattern) in _patterns)
        {
            if (place.IndexOf(pattern) >= 0)
                return form;
        }

        return null;
    }

    private void Add(byte[] part)
    {
        _patterns.Add(("raw", part));
        foreach (var separator in new[] { "", "-", ":", " " })
        {
            var hex = string.Join(separator, part.Select(value => value.ToString("X2", CultureInfo.InvariantCulture)));
            AddText("hexadecimal", hex);
            AddText("hexadecimal", hex.ToLowerInvariant());
        }

        foreach (var separator in new[] { ",", ", " })
            AddText("decimal", string.Join(separator, part));
        // Wherever it begins in what was encoded: each character stands for six bits, and those that it shares with its neighbours are left out.
        for (var before = 0; before < 3; before++)
        {
            var first = ((before * 8) + 5) / 6;
            var end = (before + part.Length) * 8 / 6;
            var text = Convert.ToBase64String([.. new byte[before], .. part])[first..end];
            AddText("base64", text);
            AddText("base64url", text.Replace('+', '-').Replace('/', '_'));
        }
    }

    private void AddText(string form, string text) => _patterns.Add((form, Encoding.ASCII.GetBytes(text)));
}
