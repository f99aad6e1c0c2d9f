using System.Net;
using System.Net.Sockets;

namespace Reprise.Cli.Tests.Probe.Trace;

/// <summary>Between a client and a node: passes bytes on, one connection at a time, and keeps them.</summary>
internal sealed class WireTap : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _target;
    private readonly Task _passing;

    public WireTap(string target)
    {
        _target = target;
        _listener.Start();
        _passing = PassAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Complete once this is disposed.</summary>
    public List<(byte[] ToNode, byte[] ToClient)> Connections { get; } = [];

    /// <summary>Lets the connection at hand come to its end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _passing;
        _listener.Stop();
        _stopping.Dispose();
    }

    private async Task PassAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            using (client)
            using (var node = new TcpClient { NoDelay = true })
            using (var toNode = new MemoryStream())
            using (var toClient = new MemoryStream())
            {
                client.NoDelay = true;
                await node.ConnectAsync(IPEndPoint.Parse(_target));
                await Task.WhenAll(PassAsync(client.Client, node.Client, toNode), PassAsync(node.Client, client.Client, toClient));
                Connections.Add((toNode.ToArray(), toClient.ToArray()));
            }
        }
    }

    private static async Task PassAsync(Socket from, Socket to, MemoryStream seen)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                seen.Write(buffer, 0, count);
                await to.SendAsync(buffer.AsMemory(0, count));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // a client that is done does not wait for the node's goodbye
        }
    }
}
