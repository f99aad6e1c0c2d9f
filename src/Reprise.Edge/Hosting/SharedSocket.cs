using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Reprise.Edge.Hosting;

/// <summary>Listening sockets of Kestrel's own transport that two processes of this user may have for a while.</summary>
internal static class SharedSocket
{
    private const int SolSocket = 1;
    private const int SoReusePort = 15;

    /// <param name="endPoint">As Kestrel is told.</param>
    /// <param name="alone">Whether nobody may have it yet: a mistake is then seen as ever.</param>
    public static Socket Bind(EndPoint endPoint, bool alone)
    {
        if (endPoint is not IPEndPoint address)
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        if (alone && address.Port != 0)
            SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint).Dispose();
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetRawSocketOption(SolSocket, SoReusePort, BitConverter.GetBytes(1));
            if (address.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(address);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
