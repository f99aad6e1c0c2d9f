using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Reprise.Edge.Tests.Tunnels;

/// <summary>A TCP server of a test's own on a free port; each connection is done when its handler is, and closed then.</summary>
internal sealed class TcpUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> _sockets = [];

    private TcpUpstream()
    {
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Connections accepted since the start.</summary>
    public int Accepted => _sockets.Count;

    public static TcpUpstream Start(Func<Socket, Task> handle)
    {
        var upstream = new TcpUpstream();
        upstream._listener.Start();
        _ = upstream.AcceptAsync(handle);
        return upstream;
    }

    /// <summary>Sends back what comes, and ends when the client does.</summary>
    public static TcpUpstream Echo() => Start(EchoAsync);

    public static async Task EchoAsync(Socket socket)
    {
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer) is > 0 and var read)
        {
            for (var sent = 0; sent < read;)
                sent += await socket.SendAsync(buffer.AsMemory(sent..read));
        }
    }

    /// <summary>Reads to the end.</summary>
    /// <returns>How many bytes, and whether the end was one: false for a reset.</returns>
    public static async Task<(long Bytes, bool InGoodOrder)> DrainAsync(Socket socket)
    {
        var buffer = new byte[64 * 1024];
        long bytes = 0;
        try
        {
            while (await socket.ReceiveAsync(buffer) is > 0 and var read)
                bytes += read;
            return (bytes, true);
        }
        catch (SocketException)
        {
            return (bytes, false);
        }
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        foreach (var socket in _sockets)
            socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync(Func<Socket, Task> handle)
    {
        while (true)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync();
                _sockets.Add(socket);
                _ = HandleAsync(socket, handle);
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static async Task HandleAsync(Socket socket, Func<Socket, Task> handle)
    {
        try
        {
            await handle(socket);
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // The other side has ended it.
        }

        socket.Dispose();
    }
}
