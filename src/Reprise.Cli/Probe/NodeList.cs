using System.Net;
using System.Net.Sockets;
using Reprise.Cli.Cluster;
using Reprise.Cli.Probe.Matrix;

namespace Reprise.Cli.Probe;

/// <summary>Which nodes <c>--nodes</c> means.</summary>
internal static class NodeList
{
    /// <param name="wanted">Names of the cluster's edges, or <c>HOST:PORT</c>; none for all edges.</param>
    /// <param name="cluster">Read only if a name has to be looked up.</param>
    /// <param name="cancellationToken">Stops the name lookups.</param>
    /// <exception cref="CliException">Names one that cannot be found.</exception>
    public static async Task<IReadOnlyList<ProbeNode>> ResolveAsync(
        IReadOnlyList<string> wanted, Lazy<ClusterDescription> cluster, CancellationToken cancellationToken)
    {
        var named = wanted.Count == 0
            ? cluster.Value.Edges.Select(edge => (edge.Name, Address: edge.Tls))
            : wanted.Select(text => (Name: text, Address: text.Contains(':') ? text : Find(text, cluster.Value)));
        var nodes = new List<ProbeNode>();
        foreach (var (name, address) in named)
            nodes.Add(new(name, await ResolveAsync(address, cancellationToken)));
        return nodes.Count > 0 ? nodes : throw new CliException("the cluster file names no edge");
    }

    private static string Find(string name, ClusterDescription cluster) =>
        cluster.Edges.FirstOrDefault(edge => edge.Name == name)?.Tls
        ?? throw new CliException($"--nodes '{name}': the cluster has {string.Join(", ", cluster.Edges.Select(edge => edge.Name))}; or give HOST:PORT");

    private static async Task<IPEndPoint> ResolveAsync(string address, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate($"tcp://{address}", UriKind.Absolute, out var uri) || uri.Port <= 0 || uri.Authority != address)
            throw new CliException($"'{address}' is not HOST:PORT");
        try
        {
            // IPv4 first where there are both: what edges listen on unless told otherwise.
            var addresses = await Dns.GetHostAddressesAsync(uri.IdnHost, cancellationToken);
            return new(addresses.OrderBy(found => found.AddressFamily).First(), uri.Port);
        }
        catch (SocketException failure)
        {
            throw new CliException($"cannot resolve {uri.IdnHost}: {failure.Message}", inner: failure);
        }
    }
}
