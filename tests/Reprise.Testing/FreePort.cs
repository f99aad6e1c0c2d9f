using System.Net;
using System.Net.Sockets;

namespace Reprise.Testing;

/// <summary>
/// Loopback ports for processes that cannot be told to take port 0. Another process may take the port first:
/// prefer port 0 and a ready file wherever there is one.
/// </summary>
public static class FreePort
{
    public static int Next() => NextRange(1);

    /// <summary>The first of <paramref name="count"/> neighbouring ports that were all free a moment ago.</summary>
    public static int NextRange(int count)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            // Below the range that the kernel gives out by itself, so that outgoing connections do not take them.
            var first = Random.Shared.Next(12_000, 31_000);
            if (Enumerable.Range(first, count).All(IsFree))
                return first;
        }

        throw new InvalidOperationException($"No {count} neighbouring ports are free.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
