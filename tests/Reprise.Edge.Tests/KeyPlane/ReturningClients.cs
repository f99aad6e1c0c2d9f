using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Authentication;
using System.Text;
using Reprise.Edge.Tests.Harness;
using Reprise.Tls.Client;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>
/// Clients of the stateless profile in both versions, each on a thread of its own, that come back to another node each time with the
/// newest ticket they have, as fast as they are served. From time to time one has lost its ticket and comes anew.
/// </summary>
internal sealed class ReturningClients : IAsyncDisposable
{
    private const int Clients = 8;
    private const int VisitsWithOneSession = 200;

    private static readonly byte[] Request = Encoding.ASCII.GetBytes($"GET /.well-known/reprise/handshake HTTP/1.1\r\nHost: {EdgeSettings.Stateless}\r\nConnection: close\r\n\r\n");

    private readonly IReadOnlyList<EdgeNode> _nodes;
    private readonly CancellationTokenSource _stop = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly Task _running;
    private long _fresh;
    private long _resumed;

    public ReturningClients(IReadOnlyList<EdgeNode> nodes)
    {
        _nodes = nodes;
        _running = Task.WhenAll(Enumerable.Range(0, Clients).Select(client =>
            Task.Factory.StartNew(() => Be(client), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

    /// <summary>Handshakes with no ticket on offer.</summary>
    public long Fresh => Interlocked.Read(ref _fresh);

    /// <summary>Handshakes whose ticket was taken.</summary>
    public long Resumed => Interlocked.Read(ref _resumed);

    public double HandshakesPerSecond => (Fresh + Resumed) / _watch.Elapsed.TotalSeconds;

    /// <summary>Each ticket that was not taken, each handshake that was not completed, each one that left its client without a ticket.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Returns when every client has finished its last visit.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _watch.Stop();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private void Be(int client)
    {
        var version = client % 2 == 0 ? SslProtocols.Tls12 : SslProtocols.Tls13;
        ClientSession? held = null;
        for (var turn = client; !_stop.IsCancellationRequested; turn++)
        {
            if (turn % VisitsWithOneSession == 0)
                Keep(ref held, null);
            var node = _nodes[turn % _nodes.Count];
            try
            {
                Visit(node, version, ref held);
            }
            catch (Exception fault)
            {
                // Whatever it is: a client that has not got its handshake.
                _complaints.Enqueue($"{version} with {node.Name}: {fault.GetType().Name}: {fault.Message}");
                Keep(ref held, null);
            }
        }

        Keep(ref held, null);
    }

    private void Visit(EdgeNode node, SslProtocols version, ref ClientSession? held)
    {
        using var connection = OpenSslClient.Connect(new OpenSslClientOptions
        {
            EndPoint = node.EndPoint,
            ServerName = EdgeSettings.Stateless,
            Version = version,
            AuthorityFile = node.Authority,
            Session = held,
            Timeout = TimeSpan.FromSeconds(30),
        });
        if (held is null)
            Interlocked.Increment(ref _fresh);
        else if (connection.Resumed)
            Interlocked.Increment(ref _resumed);
        else
            _complaints.Enqueue($"{version} with {node.Name}: the ticket was not taken");
        if (version is SslProtocols.Tls13)
        {
            // The tickets come after the handshake, before the answer.
            connection.Write(Request);
            Span<byte> answer = stackalloc byte[4096];
            connection.Read(answer);
        }

        if (connection.TakeSession() is { HasTicket: true } newer)
            Keep(ref held, newer);
        else if (version is SslProtocols.Tls13 || held is null)
            _complaints.Enqueue($"{version} with {node.Name}: no ticket came");
    }

    private static void Keep(ref ClientSession? held, ClientSession? newer)
    {
        held?.Dispose();
        held = newer;
    }
}
