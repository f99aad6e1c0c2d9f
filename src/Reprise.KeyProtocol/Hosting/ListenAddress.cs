using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Reprise.KeyProtocol.Hosting;

/// <summary>Parses <c>IP:PORT</c>, where the port must be written.</summary>
public static class ListenAddress
{
    /// <exception cref="FormatException">It is none.</exception>
    public static IPEndPoint Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not IP:PORT");

    public static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? address)
    {
        // IPEndPoint takes "10.0.0.1" and "::1" as port 0, and "::1:80" as an address.
        address = null;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || text.IndexOf(':') != colon && text[colon - 1] != ']')
            return false;
        return IPEndPoint.TryParse(text, out address);
    }
}
