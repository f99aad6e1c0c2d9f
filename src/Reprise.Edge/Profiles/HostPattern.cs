namespace Reprise.Edge.Profiles;

/// <summary>Host names as they stand in configuration: exact, or a wildcard for the first label.</summary>
internal static class HostPattern
{
    public const string Allowed = "a lower-case DNS name, as shop.example, or *.shop.example";

    public static bool IsWildcard(string pattern) => pattern.StartsWith("*.", StringComparison.Ordinal);

    public static bool IsValid(string pattern)
    {
        var name = IsWildcard(pattern) ? pattern[2..] : pattern;
        if (name.Length is 0 or > 253)
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
}
