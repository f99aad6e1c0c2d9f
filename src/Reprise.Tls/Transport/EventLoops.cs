using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>
/// The event loops of a process; they begin at first use. As a connection factory it makes plain TCP connections that live on them,
/// for what handshakes wait for: see <see cref="ConnectAsync"/>.
/// </summary>
public sealed class EventLoops : IConnectionFactory, IDisposable
{
    private readonly TlsTransportOptions _options;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private EventLoop[]? _loops;
    private bool _disposed;
    private uint _next;

    public EventLoops(IOptions<TlsTransportOptions> options, ILoggerFactory loggers)
    {
        _options = options.Value;
        _logger = loggers.CreateLogger("Reprise.Tls");
    }

    internal EventLoop[] All
    {
        get
        {
            NativeLibraries.EnsureUsable();
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                var count = _options.Loops > 0 ? _options.Loops : Environment.ProcessorCount;
                return _loops ??= [.. Enumerable.Range(0, count).Select(i => new EventLoop($"reprise-tls-{i}", _logger))];
            }
        }
    }

    /// <summary>
    /// Connects to a server. What it sends is read on one of the loops, and a read that waits for it goes on right there: it must not block.
    /// What is flushed on that loop leaves at the end of the loop's turn, so that many requests of one turn are one system call and
    /// one segment; flushed on any other thread it is handed to the loop. Output has no limit: it is for requests that have answers.
    /// </summary>
    /// <param name="endpoint">An <see cref="IPEndPoint"/> or a <see cref="DnsEndPoint"/>, whose addresses are tried in turn.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="IOException">Nobody there, or out of descriptors.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The name does not resolve.</exception>
    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var loops = All;
        var loop = loops[Interlocked.Increment(ref _next) % (uint)loops.Length];
        for (var candidates = await ResolveAsync(endpoint, cancellationToken).ConfigureAwait(false); ; candidates.RemoveAt(0))
        {
            try
            {
                return await LoopConnection.ConnectAsync(loop, candidates[0], cancellationToken).ConfigureAwait(false);
            }
            catch (IOException) when (candidates.Count > 1)
            {
                // the next one
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var loop in _loops ?? [])
                loop.Dispose();
            _loops = [];
        }
    }

    private static async ValueTask<List<IPEndPoint>> ResolveAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        if (endpoint is IPEndPoint address)
            return [address];
        if (endpoint is not DnsEndPoint name)
            throw new NotSupportedException($"{endpoint.GetType().Name} is neither an address nor a name.");
        var addresses = await Dns.GetHostAddressesAsync(name.Host, name.AddressFamily, cancellationToken).ConfigureAwait(false);
        return addresses.Length > 0 ? [.. addresses.Select(one => new IPEndPoint(one, name.Port))] : throw new IOException($"{name.Host} has no address");
    }
}
