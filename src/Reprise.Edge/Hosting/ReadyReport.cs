using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Reprise.Edge.Redirect;
using Reprise.KeyProtocol.Hosting;
using Reprise.Tls;

namespace Reprise.Edge.Hosting;

/// <summary>Tells whoever started this node where it listens.</summary>
internal sealed partial class ReadyReport(
    IServer server, TlsTransportFactory transport, RedirectListeners redirects, IOptions<EdgeOptions> options, ILogger<ReadyReport> logger)
    : ReadyReporter<ReadyReport.Contents>(options.Value.ReadyFile, $"{EdgeOptions.SectionName}:ReadyFile")
{
    /// <param name="Name">The node's.</param>
    /// <param name="Tls">Where clients connect: first those of <c>Edge:Listen</c>, in their order.</param>
    /// <param name="Listeners">Of these the ones that have a name.</param>
    /// <param name="Management">Health and metrics.</param>
    /// <param name="HttpRedirect">Plain HTTP, redirected.</param>
    /// <param name="Pid">This process.</param>
    internal sealed record Contents(
        string Name, IReadOnlyList<string> Tls, IReadOnlyDictionary<string, string> Listeners, string Management, IReadOnlyList<string> HttpRedirect, int Pid);

    protected override Contents Describe()
    {
        var listening = transport.Listening;
        var tls = listening.Select(endPoint => endPoint.Address.ToString()).ToList();
        var named = listening.Where(endPoint => endPoint.Name.Length > 0).ToDictionary(endPoint => endPoint.Name, endPoint => endPoint.Address.ToString());
        // Kestrel lists all listeners, each as if it were plain.
        var management = server.Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => HostAndPort(new Uri(address)))
            .Single(address => !tls.Contains(address) && !redirects.Addresses.Contains(address));
        Log.Listening(logger, options.Value.Node, string.Join(", ", tls), management, OpenSslLibrary.Version);
        return new Contents(options.Value.Node, tls, named, management, redirects.Addresses, Environment.ProcessId);
    }

    private static partial class Log
    {
        [LoggerMessage(3201, LogLevel.Information, "Node {Node}: TLS on {Tls}, management on {Management}, {OpenSsl}")]
        public static partial void Listening(ILogger logger, string node, string tls, string management, string openSsl);
    }
}
