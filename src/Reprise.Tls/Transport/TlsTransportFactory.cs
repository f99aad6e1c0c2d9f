using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>Kestrel's way in: binds <see cref="TlsEndPoint"/>s and nothing else.</summary>
public sealed class TlsTransportFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private readonly HandshakePolicy _policy;
    private readonly TlsTransportOptions _options;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<TlsListener> _listeners = [];
    private readonly ConnectionLimits _limits;
    private readonly EventLoops _loops;
    private readonly bool _ownsLoops;
    private InheritedSockets? _inherited;
    private HandOver? _handOver;
    private bool _asked;

    /// <param name="policy">What decides about handshakes.</param>
    /// <param name="options">Limits.</param>
    /// <param name="loggers">For the log of the engine.</param>
    /// <param name="loops">The process's event loops; null: its own.</param>
    public TlsTransportFactory(HandshakePolicy policy, IOptions<TlsTransportOptions> options, ILoggerFactory loggers, EventLoops? loops = null)
    {
        _loops = loops ?? new EventLoops(options, loggers);
        _ownsLoops = loops is null;
        _policy = policy;
        _options = options.Value;
        _logger = loggers.CreateLogger("Reprise.Tls");
        _limits = new ConnectionLimits(_options, _logger);
    }

    /// <summary>What is bound so far, in this order, with the ports that stand for 0.</summary>
    public IReadOnlyList<TlsEndPoint> Listening
    {
        get
        {
            lock (_gate)
                return [.. _listeners.Select(listener => listener.Served)];
        }
    }

    /// <summary>Connections open now, from accept to close, on all listeners.</summary>
    public int Connections => _limits.Count;

    /// <summary>
    /// Whether a process before this one, which still serves, hands its sockets over. Asks it at the first call, so that what is
    /// to be bound besides may know.
    /// </summary>
    /// <exception cref="IOException">There is one, and it does not.</exception>
    public bool TakesOver => Predecessor() is not null;

    /// <summary>
    /// To be called once all listens and the application serves: the process before is told to stop, and the next one may ask.
    /// Nothing happens without <see cref="TlsTransportOptions.TakeOverSocket"/>.
    /// </summary>
    /// <param name="onSuperseded">Called, from a thread of its own, when the next one serves.</param>
    /// <exception cref="IOException">The socket's path cannot be used.</exception>
    public void Serving(Action onSuperseded)
    {
        if (_options.TakeOverSocket is not { } path)
            return;
        lock (_gate)
        {
            _handOver = new HandOver(path, Listeners, () =>
            {
                foreach (var listener in Listeners())
                    listener.OnSuperseded();
                onSuperseded();
            }, _logger);
            try
            {
                _inherited?.Announce();
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }

            _inherited?.Dispose();
            _inherited = null;
        }
    }

    /// <summary>The next process finds nobody any more to take over from.</summary>
    public void StopHandingOver()
    {
        lock (_gate)
            _handOver?.Dispose();
    }

    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => endpoint is TlsEndPoint;

    /// <inheritdoc/>
    /// <exception cref="IOException">The address is taken or not ours.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (endpoint is not TlsEndPoint tls)
            throw new NotSupportedException($"{endpoint.GetType().Name} is not a TLS endpoint.");
        NativeLibraries.EnsureUsable();
        var inherited = Predecessor()?.Take(tls);
        var listener = TlsListener.Start(tls, _loops.All, _policy, _options, _limits, inherited, _logger);
        lock (_gate)
            _listeners.Add(listener);
        return ValueTask.FromResult<IConnectionListener>(listener);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _handOver?.Dispose();
            _inherited?.Dispose();
        }

        if (_ownsLoops)
            _loops.Dispose();
    }

    private InheritedSockets? Predecessor()
    {
        lock (_gate)
        {
            if (!_asked && _options.TakeOverSocket is { } path)
                _inherited = InheritedSockets.Ask(path);
            _asked = true;
            return _inherited;
        }
    }

    private IReadOnlyList<TlsListener> Listeners()
    {
        lock (_gate)
            return [.. _listeners];
    }
}
