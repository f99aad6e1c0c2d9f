using System.Globalization;
using System.Net;

namespace Reprise.Cli.Probe.Sites;

/// <summary>
/// The file of <c>--sites</c>: on each line <c>HOST[:PORT]</c> and, where the nodes behind a load balancer are to be asked one by one,
/// their addresses <c>IP[:PORT] ...</c>; what follows a <c>#</c> is a comment.
/// </summary>
internal static class SiteFile
{
    public const int UsualPort = 443;

    /// <summary>Each pair of them is a full and a resumed handshake, several times.</summary>
    public const int MaxAddresses = 8;

    private const int MaxSites = 256;
    private const int MaxBytes = 256 * 1024;

    /// <exception cref="CliException">It is not there, too long, or a line is not a site: says which.</exception>
    public static IReadOnlyList<Site> Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new CliException($"the file of sites {path} is not there");
        if (file.Length > MaxBytes)
            throw new CliException($"{path} is longer than {MaxBytes / 1024} KB");
        return Parse(File.ReadLines(path), path);
    }

    /// <inheritdoc cref="Read"/>
    public static IReadOnlyList<Site> Parse(IEnumerable<string> lines, string name)
    {
        var sites = new List<Site>();
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            var words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                continue;
            if (sites.Count == MaxSites)
                throw new CliException($"{name}, line {number}: more than {MaxSites} sites");
            sites.Add(ParseSite(words, $"{name}, line {number}"));
        }

        return sites.Count > 0 ? sites : throw new CliException($"{name} names no site");
    }

    private static Site ParseSite(string[] words, string where)
    {
        var (host, port) = SplitPort(words[0]);
        if (port is null || Uri.CheckHostName(host) != UriHostNameType.Dns)
        {
            throw new CliException(IPAddress.TryParse(host, out _)
                ? $"{where}: '{words[0]}' is an address: give the site's name, and the address after it"
                : $"{where}: '{words[0]}' is not HOST or HOST:PORT");
        }

        if (words.Length - 1 > MaxAddresses)
            throw new CliException($"{where}: more than {MaxAddresses} addresses");
        // As it goes into SNI (RFC 6066 section 3): in ASCII, without the dot at the end.
        var name = new UriBuilder(Uri.UriSchemeHttps, host.TrimEnd('.')).Uri.IdnHost;
        return new(name, port.Value, [.. words.Skip(1).Select(word => ParseAddress(word, port.Value, where))]);
    }

    private static IPEndPoint ParseAddress(string word, int port, string where)
    {
        // Not by IPAddress: that takes an IPv6 address with a port, and drops the port.
        if (IPEndPoint.TryParse(word, out var endPoint))
            return endPoint.Port > 0 ? endPoint : new(endPoint.Address, port);
        throw new CliException($"{where}: '{word}' is not IP or IP:PORT");
    }

    private static (string Host, int? Port) SplitPort(string word)
    {
        var colon = word.LastIndexOf(':');
        if (colon < 0)
            return (word, UsualPort);
        var isPort = int.TryParse(word.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535;
        return (word[..colon], isPort ? port : null);
    }
}
