using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Reprise.Testing;

/// <summary>
/// A TCP relay on a free port, of loopback unless told otherwise, that can delay, stall, refuse, thin out or cut what goes through it.
/// Every switch works at once on connections that exist and on those to come, and from any thread.
/// </summary>
public sealed class TcpRelay : IAsyncDisposable
{
    private readonly string _targetHost;
    private readonly int _targetPort;
    private readonly IPAddress _listen;
    private readonly ConcurrentDictionary<RelayedConnection, byte> _connections = [];
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _listenerLock = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    private TcpRelay(string targetHost, int targetPort, IPAddress listen)
    {
        _targetHost = targetHost;
        _targetPort = targetPort;
        _listen = listen;
    }

    public int Port { get; private set; }

    /// <summary><c>127.0.0.1:port</c>, unless it was started on another address.</summary>
    public string Address => $"{_listen}:{Port}";

    /// <summary>How long each byte takes on this way. Bytes keep their order and their throughput.</summary>
    public TimeSpan DelayToTarget { get; set; }

    /// <inheritdoc cref="DelayToTarget"/>
    public TimeSpan DelayToClient { get; set; }

    /// <summary>The most bytes passed on in one write to the target; 1 sends them one by one. 0 means no limit.</summary>
    public int ChunkToTarget { get; set; }

    /// <summary>Set to true, bytes are taken from neither side (back-pressure reaches both) and new connections lead nowhere.</summary>
    public bool Stalled
    {
        get => !Gate.Task.IsCompleted;
        set
        {
            if (value && !Stalled)
                Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            else if (!value)
                Gate.TrySetResult();
        }
    }

    /// <summary>Set to true, what clients send goes on to the target, and no byte of what it answers comes back.</summary>
    public bool AnswersStalled
    {
        get => !AnswerGate.Task.IsCompleted;
        set
        {
            if (value && !AnswersStalled)
                AnswerGate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            else if (!value)
                AnswerGate.TrySetResult();
        }
    }

    /// <summary>
    /// Of each piece of answer longer than this, so many bytes are delivered, and then the connection is reset. Null: none is cut.
    /// </summary>
    public int? CutAnswersOver { get; set; }

    /// <summary>Stalls, once, just before it passes on what holds these bytes to the target. Null: never.</summary>
    public byte[]? StallAt { get; set; }

    /// <summary>Where the n-th connection goes, <c>host:port</c>, n from 0 on. Null: all go to the target of the start.</summary>
    public Func<int, string>? Route { get; set; }

    /// <summary>Connections accepted since the start.</summary>
    public int Accepted { get; private set; }

    /// <summary>Connections open now.</summary>
    public int Open => _connections.Count;

    public long BytesToTarget => Interlocked.Read(ref BytesToTargetCount);

    public long BytesToClient => Interlocked.Read(ref BytesToClientCount);

    internal long BytesToTargetCount;
    internal long BytesToClientCount;
    internal volatile TaskCompletionSource Gate = CompletedGate();
    internal volatile TaskCompletionSource AnswerGate = CompletedGate();
    internal volatile CutPoint? CutPoint;

    internal CancellationToken Stopped => _stopped.Token;

    /// <summary>Relays to <paramref name="target"/>, <c>host:port</c>, which need not listen yet.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="listen">On which IPv4 address of this machine; loopback if null.</param>
    public static TcpRelay Start(string target, IPAddress? listen = null)
    {
        var (host, port) = Split(target);
        var relay = new TcpRelay(host, port, listen ?? IPAddress.Loopback);
        relay.Listen();
        return relay;
    }

    public static TcpRelay Start(int targetPort) => Start($"127.0.0.1:{targetPort}");

    /// <summary>Closes the port: new connections are refused by the kernel. Those that exist stay; see <see cref="CutAll"/>.</summary>
    public void Refuse()
    {
        lock (_listenerLock)
        {
            _listener?.Dispose();
            _listener = null;
        }
    }

    /// <summary>Opens the same port again.</summary>
    public void Accept()
    {
        lock (_listenerLock)
        {
            if (_listener is null)
                Listen();
        }
    }

    /// <summary>Resets every connection that exists, both ways.</summary>
    public void CutAll()
    {
        foreach (var connection in _connections.Keys)
            connection.Reset();
    }

    /// <summary>
    /// Resets each connection to come, and each that exists, once this many bytes have gone this way on it; the bytes up
    /// to there are delivered. Null ends it.
    /// </summary>
    public void CutAfter(RelayDirection direction, long? bytes) =>
        CutPoint = bytes is { } count ? new CutPoint(direction, count) : null;

    /// <summary>Ends every fault at once; connections that were cut stay so.</summary>
    public void Heal()
    {
        DelayToTarget = DelayToClient = TimeSpan.Zero;
        ChunkToTarget = 0;
        StallAt = null;
        CutPoint = null;
        CutAnswersOver = null;
        Stalled = AnswersStalled = false;
        Accept();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        Refuse();
        CutAll();
        await _accepting;
        await Task.WhenAll(_connections.Keys.Select(connection => connection.Finished));
        _stopped.Dispose();
    }

    private static (string Host, int Port) Split(string address)
    {
        var colon = address.LastIndexOf(':');
        return (address[..colon].Trim('[', ']'), int.Parse(address.AsSpan(colon + 1), provider: null));
    }

    private static TaskCompletionSource CompletedGate()
    {
        var gate = new TaskCompletionSource();
        gate.SetResult();
        return gate;
    }

    private void Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(_listen, Port));
        listener.Listen(512);
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        _listener = listener;
        var before = _accepting;
        _accepting = Task.Run(async () =>
        {
            await before;
            await AcceptLoopAsync(listener);
        });
    }

    private async Task AcceptLoopAsync(Socket listener)
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync(Stopped);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return;
            }

            var (host, port) = Route is { } route ? Split(route(Accepted)) : (_targetHost, _targetPort);
            Accepted++;
            var connection = new RelayedConnection(this, client);
            _connections.TryAdd(connection, 0);
            connection.Begin(host, port, () => _connections.TryRemove(connection, out _));
        }
    }
}
