using System.Net;
using System.Net.Sockets;

namespace Reprise.Cli.Up;

/// <summary>Ports of 127.0.0.1.</summary>
internal static class LocalPorts
{
    private const int LowestFree = 20_000;
    private const int HighestFree = 32_000;

    /// <summary>
    /// Fails if somebody listens on one of the ports. Edges listen with SO_REUSEPORT: to them a port that another edge
    /// holds is no error, and clients would be spread over both.
    /// </summary>
    /// <exception cref="CliException">Names the port.</exception>
    public static void EnsureFree(int first, int count)
    {
        for (var port = first; port < first + count; port++)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
            }
            catch (SocketException failure)
            {
                throw new CliException(failure.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"port {port} of 127.0.0.1 is in use; free it, or choose others with --port"
                    : $"port {port} of 127.0.0.1 cannot be used: {failure.Message}", inner: failure);
            }
        }
    }

    /// <summary>
    /// As many different free ports. They are chosen here, not by the nodes, so that a node that was killed comes back on
    /// the same ones when it is started again by hand. They are below those that Linux gives to outgoing connections
    /// (ip_local_port_range, from 32768): one of these could be taken by a client before its node listens.
    /// </summary>
    public static IReadOnlyList<int> TakeFree(int count)
    {
        var held = new List<TcpListener>();
        try
        {
            while (held.Count < count)
            {
                var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(LowestFree, HighestFree));
                try
                {
                    listener.Start();
                    held.Add(listener);
                }
                catch (SocketException failure) when (failure.SocketErrorCode is SocketError.AddressAlreadyInUse)
                {
                    listener.Dispose();
                }
            }

            return [.. held.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in held)
                listener.Dispose();
        }
    }
}
