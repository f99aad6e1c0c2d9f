namespace Reprise.KeyProtocol.Wire;

/// <summary>Names of profiles that come from a node: they go to logs and terminals, and a node may be in other hands.</summary>
public static class ProfileName
{
    /// <summary>As edges check their configuration: letters, digits, hyphen, underscore and dot, at most 256.</summary>
    public static bool IsSound(string name) => name.Length is > 0 and <= 256 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
