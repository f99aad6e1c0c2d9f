using System.Globalization;

namespace Reprise.Edge.Profiles;

/// <summary>Host names as they stand in configuration: exact, or a wildcard for the first label.</summary>
internal static class HostPattern
{
    public const string Allowed = "a lower-case DNS name, as shop.example, or *.shop.example";

    /// <summary>What is allowed in the place of a pattern that is not; with the spelling that was meant, where it can be told.</summary>
    public static string AllowedFor(string pattern) => Meant(pattern) is { } meant ? $"{Allowed}; here perhaps {meant}" : Allowed;

    public static bool IsWildcard(string pattern) => pattern.StartsWith("*.", StringComparison.Ordinal);

    public static bool IsValid(string pattern)
    {
        var name = IsWildcard(pattern) ? pattern[2..] : pattern;
        // RFC 6066 section 3: no addresses in SNI. No top-level domain is a number, so this tells them apart.
        if (name.Length is 0 or > 253 || name[(name.LastIndexOf('.') + 1)..].All(char.IsAsciiDigit))
            return false;
        foreach (var label in name.Split('.'))
        {
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-')
                return false;
            foreach (var c in label)
            {
                if (c is not (>= 'a' and <= 'z' or >= '0' and <= '9' or '-' or '_'))
                    return false;
            }
        }

        return true;
    }

    // Clients send names of other scripts in their ASCII form (RFC 5890), so that is what is compared.
    private static string? Meant(string pattern)
    {
        try
        {
            var name = IsWildcard(pattern) ? pattern[2..] : pattern;
            var ascii = new IdnMapping { UseStd3AsciiRules = true }.GetAscii(name.TrimEnd('.').ToLowerInvariant());
            var meant = IsWildcard(pattern) ? $"*.{ascii}" : ascii;
            return IsValid(meant) ? meant : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
