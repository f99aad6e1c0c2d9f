using System.Net;
using System.Net.Sockets;

namespace Reprise.Tls.Tests;

/// <summary>A client that sends bytes and reads what comes, without a TLS implementation in the way.</summary>
internal static class RawClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static async Task<Socket> ConnectAsync(TlsServer server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        return socket;
    }

    /// <summary>Sends, then reads until the server closes; a reset counts as its end.</summary>
    public static async Task<byte[]> ExchangeAsync(TlsServer server, ReadOnlyMemory<byte> data, bool thenHalfClose = false)
    {
        using var socket = await ConnectAsync(server);
        await socket.SendAsync(data);
        if (thenHalfClose)
            socket.Shutdown(SocketShutdown.Send);
        return await ReadToEndAsync(socket);
    }

    public static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(Patience);
        var received = new MemoryStream();
        var buffer = new byte[16384];
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) is var read and > 0)
                received.Write(buffer, 0, read);
        }
        catch (SocketException)
        {
            // reset
        }

        return received.ToArray();
    }
}
