using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>Kestrel's way in: binds <see cref="TlsEndPoint"/>s and nothing else. Owns the event loops.</summary>
public sealed class TlsTransportFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private readonly HandshakePolicy _policy;
    private readonly TlsTransportOptions _options;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<TlsEndPoint> _listening = [];
    private EventLoop[]? _loops;

    public TlsTransportFactory(HandshakePolicy policy, IOptions<TlsTransportOptions> options, ILoggerFactory loggers)
    {
        _policy = policy;
        _options = options.Value;
        _logger = loggers.CreateLogger("Reprise.Tls");
    }

    /// <summary>What is bound so far, in this order, with the ports that stand for 0.</summary>
    public IReadOnlyList<TlsEndPoint> Listening
    {
        get
        {
            lock (_gate)
                return [.. _listening];
        }
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
        var listener = TlsListener.Start(tls, Loops(), _policy, _options, _logger);
        lock (_gate)
            _listening.Add(listener.Served);
        return ValueTask.FromResult<IConnectionListener>(listener);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var loop in _loops ?? [])
                loop.Dispose();
            _loops = [];
        }
    }

    private EventLoop[] Loops()
    {
        lock (_gate)
        {
            var count = _options.Loops > 0 ? _options.Loops : Environment.ProcessorCount;
            return _loops ??= [.. Enumerable.Range(0, count).Select(i => new EventLoop($"reprise-tls-{i}", _logger))];
        }
    }
}
