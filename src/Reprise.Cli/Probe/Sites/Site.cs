using System.Net;

namespace Reprise.Cli.Probe.Sites;

/// <summary>An HTTPS server to be probed, as a line of the file names it.</summary>
/// <param name="Host">Its name: looked up, sent as SNI, and what its certificate must be for.</param>
/// <param name="Port">Of all addresses that do not name their own.</param>
/// <param name="Addresses">Where its nodes are reached; empty for all addresses of the name.</param>
internal sealed record Site(string Host, int Port, IReadOnlyList<IPEndPoint> Addresses)
{
    public override string ToString() => Port == SiteFile.UsualPort ? Host : $"{Host}:{Port}";
}
