using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>One TLS address: an acceptor on every loop, and a queue of connections whose first application bytes have come.</summary>
internal sealed partial class TlsListener : IConnectionListener
{
    // Somebody waits for a stop; nobody waits for one whose successor serves already.
    private static readonly TimeSpan ShortGrace = TimeSpan.FromSeconds(1);

    private readonly Acceptor[] _acceptors;
    private readonly ILogger _logger;
    private readonly Channel<ConnectionContext> _ready = Channel.CreateUnbounded<ConnectionContext>(new() { SingleReader = true });
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _stopGate = new();
    private Task? _stopping;
    private int _undelivered;
    private volatile bool _draining;
    private volatile bool _superseded;
    private long _lastStarved;

    private TlsListener(TlsEndPoint endPoint, EventLoop[] loops, HandshakePolicy policy, TlsTransportOptions options, ConnectionLimits limits, int[]? inherited, ILogger logger)
    {
        Policy = policy;
        Options = options;
        Limits = limits;
        _logger = logger;
        // More than there are loops, if the process before had more; each has a queue of connects that somebody must take.
        var descriptors = new int[Math.Max(loops.Length, inherited?.Length ?? 0)];
        inherited?.CopyTo(descriptors, 0);
        var bound = inherited?.Length ?? 0;
        var address = bound > 0 ? Acceptor.LocalAddress(descriptors[0]) : endPoint.Address;
        if (bound == 0 && !options.SharePorts && address.Port != 0)
            _ = LibC.close(Acceptor.Bind(address, share: false)); // only to see that nobody has it
        try
        {
            for (; bound < descriptors.Length; bound++)
            {
                descriptors[bound] = Acceptor.Bind(address, share: true);
                address = Acceptor.LocalAddress(descriptors[bound]); // port 0 becomes a number with the first
            }
        }
        catch
        {
            foreach (var descriptor in descriptors.AsSpan(0, bound))
                _ = LibC.close(descriptor);
            throw;
        }

        Address = address;
        Served = endPoint.At(address);
        _acceptors = [.. descriptors.Select((descriptor, i) => new Acceptor(loops[i % loops.Length], this, descriptor))];
    }

    public HandshakePolicy Policy { get; }

    public TlsTransportOptions Options { get; }

    public IPEndPoint Address { get; }

    public ConnectionLimits Limits { get; }

    /// <summary>The listening sockets. They stay this listener's, and may be closed at any moment.</summary>
    public IReadOnlyList<int> Descriptors => [.. _acceptors.Select(acceptor => acceptor.Descriptor).Where(descriptor => descriptor >= 0)];

    /// <summary>What was asked for, with the port that stands for 0.</summary>
    public TlsEndPoint Served { get; }

    public EndPoint EndPoint => Served;

    /// <summary>Whether the listener is stopping: connections without a request end soon.</summary>
    public bool Draining => _draining;

    /// <summary>Then: how long a client may take for its first request after its handshake.</summary>
    public TimeSpan Grace => _superseded ? Options.DrainTimeout / 2 : ShortGrace;

    /// <param name="endPoint">Where.</param>
    /// <param name="loops">All of them.</param>
    /// <param name="policy">Decides about handshakes.</param>
    /// <param name="options">Of the transport.</param>
    /// <param name="limits">Shared by all listeners.</param>
    /// <param name="inherited">Sockets that listen there already; null: none.</param>
    /// <param name="logger">The transport's.</param>
    public static TlsListener Start(
        TlsEndPoint endPoint, EventLoop[] loops, HandshakePolicy policy, TlsTransportOptions options, ConnectionLimits limits, int[]? inherited, ILogger logger)
    {
        var listener = new TlsListener(endPoint, loops, policy, options, limits, inherited, logger);
        try
        {
            foreach (var acceptor in listener._acceptors)
                acceptor.Listen();
        }
        catch
        {
            foreach (var acceptor in listener._acceptors)
                acceptor.Abandon();
            throw;
        }

        foreach (var acceptor in listener._acceptors)
            acceptor.Call();
        return listener;
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _ready.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_ready.Reader.TryRead(out var connection))
                return connection;
        }

        return null;
    }

    /// <summary>Stops accepting, lets handshakes finish, first requests come in and the application begin with them, within the drain timeout; then accepts end.</summary>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        lock (_stopGate)
            return new ValueTask(_stopping ??= StopAsync(cancellationToken));
    }

    public async ValueTask DisposeAsync() => await UnbindAsync().ConfigureAwait(false);

    /// <summary>Another process listens on the same sockets.</summary>
    public void OnSuperseded() => _superseded = true;

    /// <summary>A connection that has its place among all; which address it counts by is known now, or after its PROXY header.</summary>
    public void OnAccepted(EventLoop loop, int socket, IPEndPoint peer)
    {
        var isProxy = Served.ProxyProtocol is not ProxyProtocolMode.None && IsTrusted(peer.Address);
        ulong? counted = null;
        var refusal = isProxy ? null
            : Served.ProxyProtocol is ProxyProtocolMode.Required ? ConnectionRefusal.UntrustedProxy
            : Count(peer.Address, loop.Now, out counted);
        if (refusal is { } reason)
        {
            Refuse(socket, reason);
            _ = LibC.close(socket);
            Release(null, loop.Now);
            return;
        }

        Interlocked.Increment(ref _undelivered);
        TlsConnection.Start(this, loop, socket, peer, isProxy, counted);
    }

    /// <summary>One more connection of a client.</summary>
    /// <param name="client">Its address.</param>
    /// <param name="now">On the loop's clock.</param>
    /// <param name="counted">What to give to <see cref="Release"/>.</param>
    /// <returns>Why it may not be, or null.</returns>
    public ConnectionRefusal? Count(IPAddress client, long now, out ulong? counted)
    {
        counted = null;
        if (!Limits.Addresses.Limits)
            return null;
        var key = AddressTable.KeyOf(client);
        var refusal = Limits.Addresses.Enter(key, now, out var isCounted);
        counted = isCounted ? key : null;
        return refusal;
    }

    /// <summary>Gives back what a connection has taken of the limits.</summary>
    public void Release(ulong? counted, long now)
    {
        if (counted is { } key)
            Limits.Addresses.Leave(key, now);
        Limits.Leave();
    }

    /// <summary>Counts it, and has its close be a reset: nothing of it is left to keep.</summary>
    public unsafe void Refuse(int socket, ConnectionRefusal reason)
    {
        var linger = new LibC.Linger { On = 1 };
        _ = LibC.setsockopt(socket, LibC.SOL_SOCKET, LibC.SO_LINGER, &linger, (uint)sizeof(LibC.Linger));
        try
        {
            Policy.Refused(reason);
        }
        catch (Exception fault)
        {
            Log.PolicyFault(_logger, fault);
        }
    }

    /// <summary>A connection goes to the application.</summary>
    public void Deliver(ConnectionContext connection)
    {
        if (!_ready.Writer.TryWrite(connection))
            connection.Abort();
    }

    /// <summary>The application has begun with a connection, or it ended before.</summary>
    public void OnGone()
    {
        if (Interlocked.Decrement(ref _undelivered) == 0 && _draining)
            _drained.TrySetResult();
    }

    public void OnStarved()
    {
        var now = Environment.TickCount64;
        var last = Interlocked.Read(ref _lastStarved);
        if (now - last > 10_000 && Interlocked.CompareExchange(ref _lastStarved, now, last) == last)
            Log.Starved(_logger, Address);
    }

    private bool IsTrusted(IPAddress address)
    {
        foreach (var network in Options.TrustedProxies)
        {
            if (network.Contains(address))
                return true;
        }

        return false;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        var stops = _acceptors.Select(acceptor =>
        {
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            acceptor.Loop.Schedule(_ =>
            {
                try
                {
                    acceptor.Stop();
                }
                finally
                {
                    stopped.SetResult();
                }
            }, null);
            return stopped.Task;
        });
        await Task.WhenAll(stops).ConfigureAwait(false);
        _draining = true;
        Interlocked.MemoryBarrier(); // against OnGone: either it sees _draining, or we see its count
        if (Volatile.Read(ref _undelivered) == 0)
            _drained.TrySetResult();
        try
        {
            await _drained.Task.WaitAsync(Options.DrainTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception end) when (end is TimeoutException or OperationCanceledException)
        {
            Log.DrainCut(_logger, Address, Volatile.Read(ref _undelivered));
        }

        _ready.Writer.TryComplete();
    }

    /// <summary>Tells the policy of a failure; one of its own must not cost us more.</summary>
    public void Report(Handshake? handshake, HandshakeFailure failure, string? reason)
    {
        try
        {
            Policy.Failed(handshake, failure, reason);
        }
        catch (Exception fault)
        {
            Log.PolicyFault(_logger, fault);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1004, LogLevel.Error, "The handshake policy failed to take a report")]
        public static partial void PolicyFault(ILogger logger, Exception fault);

        [LoggerMessage(1002, LogLevel.Warning, "{Address}: out of file descriptors or memory; connects wait")]
        public static partial void Starved(ILogger logger, IPEndPoint address);

        [LoggerMessage(1003, LogLevel.Information, "{Address}: stopped with {Count} connections that had sent no request")]
        public static partial void DrainCut(ILogger logger, IPEndPoint address, int count);
    }
}
