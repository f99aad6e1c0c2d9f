using System.Diagnostics.CodeAnalysis;

namespace Reprise.KeyProtocol.Client;

/// <summary>Addresses of key services: <c>https://HOST:PORT</c> in configurations, <c>HOST:PORT</c> in cluster files.</summary>
public static class KeyServiceAddress
{
    /// <summary>Parses either form; nothing but scheme, host and port is allowed.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Uri? address)
    {
        address = null;
        if (string.IsNullOrWhiteSpace(text))
            return false;
        var full = text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}";
        if (!Uri.TryCreate(full, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps || uri.Host.Length == 0)
            return false;
        // An explicit port: 443 by omission is never what was meant.
        var authority = full["https://".Length..].TrimEnd('/');
        if (uri.UserInfo.Length > 0 || uri.PathAndQuery != "/" || uri.Fragment.Length > 0
            || !authority.EndsWith($":{uri.Port}", StringComparison.Ordinal) || uri.Port == 0)
            return false;
        address = uri;
        return true;
    }
}
