using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>One TLS address: an acceptor on every loop, and a queue of connections whose first application bytes have come.</summary>
internal sealed partial class TlsListener : IConnectionListener
{
    private readonly EventLoop[] _loops;
    private readonly Acceptor[] _acceptors;
    private readonly ILogger _logger;
    private readonly Channel<ConnectionContext> _ready = Channel.CreateUnbounded<ConnectionContext>(new() { SingleReader = true });
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _stopGate = new();
    private Task? _stopping;
    private int _undelivered;
    private volatile bool _draining;
    private long _lastStarved;

    private TlsListener(TlsEndPoint endPoint, EventLoop[] loops, HandshakePolicy policy, TlsTransportOptions options, ILogger logger)
    {
        _loops = loops;
        Policy = policy;
        Options = options;
        _logger = logger;
        var descriptors = new int[loops.Length];
        var address = endPoint.Address;
        var bound = 0;
        if (!options.SharePorts && address.Port != 0)
            _ = LibC.close(Acceptor.Bind(address, share: false)); // only to see that nobody has it
        try
        {
            for (; bound < loops.Length; bound++)
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
        _acceptors = [.. loops.Zip(descriptors, (loop, descriptor) => new Acceptor(loop, this, descriptor))];
    }

    public HandshakePolicy Policy { get; }

    public TlsTransportOptions Options { get; }

    public IPEndPoint Address { get; }

    /// <summary>What was asked for, with the port that stands for 0.</summary>
    public TlsEndPoint Served { get; }

    public EndPoint EndPoint => Served;

    /// <summary>Whether the listener is stopping: connections without a request end soon.</summary>
    public bool Draining => _draining;

    public static TlsListener Start(TlsEndPoint endPoint, EventLoop[] loops, HandshakePolicy policy, TlsTransportOptions options, ILogger logger)
    {
        var listener = new TlsListener(endPoint, loops, policy, options, logger);
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

        foreach (var (loop, acceptor) in loops.Zip(listener._acceptors))
            loop.Schedule(static state => ((Acceptor)state!).Start(), acceptor);
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

    public void OnAccepted(EventLoop loop, int socket, ReadOnlySpan<byte> peer)
    {
        Interlocked.Increment(ref _undelivered);
        TlsConnection.Start(this, loop, socket, peer);
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

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        var stops = _loops.Zip(_acceptors, (loop, acceptor) =>
        {
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            loop.Schedule(_ =>
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
    public void Report(HandshakeFailure failure, string? reason)
    {
        try
        {
            Policy.Failed(failure, reason);
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
