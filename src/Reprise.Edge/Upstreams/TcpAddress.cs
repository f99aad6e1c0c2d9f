using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Reprise.Edge.Upstreams;

/// <summary>A server's <c>HOST:PORT</c>, read once.</summary>
internal static class TcpAddress
{
    public static bool TryParse(string text, [NotNullWhen(true)] out EndPoint? address)
    {
        address = null;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            return false;
        var host = text[..colon];
        if (host[0] == '[' && host[^1] == ']')
            address = IPAddress.TryParse(host[1..^1], out var ip6) ? new IPEndPoint(ip6, port) : null;
        else if (IPAddress.TryParse(host, out var ip) && !host.Contains(':', StringComparison.Ordinal))
            address = new IPEndPoint(ip, port);
        else if (Uri.CheckHostName(host) is UriHostNameType.Dns)
            address = new DnsEndPoint(host, port);
        return address is not null;
    }

    /// <param name="text">That has been validated.</param>
    public static EndPoint Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not HOST:PORT.");
}
