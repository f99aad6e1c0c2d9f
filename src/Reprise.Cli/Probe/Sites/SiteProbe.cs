using System.Net;
using System.Net.Sockets;
using Reprise.Cli.Probe.Matrix;
using Reprise.Cli.Terminal;
using Spectre.Console;

namespace Reprise.Cli.Probe.Sites;

/// <summary>Does a session of each address of a site resume on each of its addresses? Site after site, one connection at a time.</summary>
/// <param name="waysTo">Ways to resume at a host of that name.</param>
/// <param name="trial">Of one session.</param>
/// <param name="sessions">For each pair.</param>
internal sealed class SiteProbe(Func<string, IReadOnlyList<ProbeCase>> waysTo, SiteTrial trial, int sessions)
{
    public async Task<List<SiteResult>> RunAsync(IReadOnlyList<Site> sites, Screen screen, bool json, CancellationToken cancellationToken)
    {
        var results = new List<SiteResult>();
        if (json || !screen.Interactive)
        {
            foreach (var site in sites)
                results.Add(await RunAsync(site, cancellationToken));
            return results;
        }

        await screen.Console.Progress().AutoClear(true).StartAsync(async progress =>
        {
            var asked = progress.AddTask("Asking sites", maxValue: sites.Count);
            foreach (var site in sites)
            {
                results.Add(await RunAsync(site, cancellationToken));
                asked.Increment(1);
            }
        });
        return results;
    }

    private async Task<SiteResult> RunAsync(Site site, CancellationToken cancellationToken)
    {
        IReadOnlyList<IPEndPoint> found;
        try
        {
            found = site.Addresses.Count > 0
                ? site.Addresses
                : [.. (await Dns.GetHostAddressesAsync(site.Host, cancellationToken)).Distinct().Select(address => new IPEndPoint(address, site.Port))];
        }
        catch (SocketException failure)
        {
            return new(site, [], [], Failure: $"cannot resolve {site.Host}: {failure.Message}");
        }

        var asked = Askable(found);
        List<ProbeNode> nodes = [.. asked.Select(address => new ProbeNode(address.Port == site.Port ? address.Address.ToString() : address.ToString(), address))];
        var pairs = new List<PairResult>();
        await foreach (var pair in new ResumptionMatrix(nodes, waysTo(site.Host), trial, sessions).RunAsync(cancellationToken))
            pairs.Add(pair);
        return new(site, nodes, pairs, found.Count - nodes.Count);
    }

    // A name with IPv6 addresses is whole for a machine without IPv6 too. Where no way leads to any of them, they are asked, and say so.
    private static List<IPEndPoint> Askable(IReadOnlyList<IPEndPoint> found)
    {
        var routed = found.Where(HasRoute).ToList();
        return [.. (routed.Count > 0 ? routed : found).Take(SiteFile.MaxAddresses)];
    }

    // Connecting a datagram socket looks up the route, and sends nothing.
    private static bool HasRoute(IPEndPoint address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
