using System.Net;
using System.Net.Sockets;

namespace Reprise.Tls.Tests;

/// <summary>
/// A relay for one connection that keeps the client's second flight (its Finished) back until something comes after it, and
/// then sends both in one segment. A TLS 1.2 client waits for the server's Finished first, so after a while it gives up.
/// </summary>
internal sealed class CoalescingRelay : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Task _relaying;

    private CoalescingRelay(int target, int first)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1);
        _relaying = RelayAsync(target, first);
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}";

    /// <summary>Whether something was sent together.</summary>
    public bool Coalesced { get; private set; }

    /// <param name="target">Port of the server.</param>
    /// <param name="first">So many bytes of the second flight go ahead of the segment that has the rest and what follows.</param>
    public static CoalescingRelay Start(int target, int first = 0) => new(target, first);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _relaying;
    }

    private async Task RelayAsync(int target, int first)
    {
        try
        {
            using var client = await _listener.AcceptAsync();
            using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await server.ConnectAsync(IPAddress.Loopback, target);
            var back = CopyAsync(server, client);
            var buffer = new byte[65536];
            var read = await client.ReceiveAsync(buffer); // the ClientHello
            await server.SendAsync(buffer.AsMemory(0, read));
            read = await client.ReceiveAsync(buffer); // the Finished
            using (var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500)))
            {
                try
                {
                    read += await client.ReceiveAsync(buffer.AsMemory(read), patience.Token);
                }
                catch (OperationCanceledException)
                {
                    // TLS 1.2
                }
            }

            Coalesced = true;
            await server.SendAsync(buffer.AsMemory(0, first));
            if (first > 0)
                await Task.Delay(100); // so that the server has read it
            await server.SendAsync(buffer.AsMemory(first, read - first));
            await Task.WhenAny(CopyAsync(client, server), back);
            await back;
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // one of the two has gone
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        try
        {
            var buffer = new byte[65536];
            while (await from.ReceiveAsync(buffer) is var read and > 0)
                await to.SendAsync(buffer.AsMemory(0, read));
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // one of the two has gone
        }
    }
}
