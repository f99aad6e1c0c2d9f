using System.Net;
using System.Net.Sockets;
using Reprise.Edge.Upstreams;

namespace Reprise.Edge.Tunnels;

/// <summary>The servers of one profile, and which of them could not be reached of late.</summary>
internal sealed partial class TcpServers
{
    private static readonly TimeSpan Distrust = TimeSpan.FromSeconds(10);

    private readonly string _profile;
    private readonly TcpUpstreamOptions _options;
    private readonly TunnelMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<TcpServers> _logger;
    private readonly Server[] _servers;
    private uint _turn;

    public TcpServers(string profile, TcpUpstreamOptions options, TunnelMetrics metrics, TimeProvider time, ILogger<TcpServers> logger)
    {
        _profile = profile;
        _options = options;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _servers = [.. options.Addresses.Select(address => new Server(address, TcpAddress.Parse(address)))];
    }

    /// <summary>A connection to the first server that accepts one, or null.</summary>
    public async Task<Socket?> ConnectAsync(CancellationToken cancellationToken)
    {
        foreach (var server in Order())
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(_options.ConnectTimeout);
                await socket.ConnectAsync(server.Address, limit.Token);
                NoteSuccess(server);
                return socket;
            }
            catch (Exception fault) when (fault is SocketException or OperationCanceledException)
            {
                socket.Dispose();
                if (cancellationToken.IsCancellationRequested)
                    return null; // the client has gone, which says nothing of the server
                NoteFailure(server, fault is SocketException ? fault.Message : $"no answer within {_options.ConnectTimeout}");
            }
        }

        return null;
    }

    // Those that have just failed come last: they may be all there is.
    private IEnumerable<Server> Order()
    {
        var first = _options.Balance is TcpBalance.RoundRobin ? (int)((Interlocked.Increment(ref _turn) - 1) % (uint)_servers.Length) : 0;
        var now = _time.GetTimestamp();
        return _servers[first..].Concat(_servers[..first]).OrderBy(server => server.IsDistrusted && _time.GetElapsedTime(server.FailedAt, now) < Distrust);
    }

    private void NoteSuccess(Server server)
    {
        if (Interlocked.Exchange(ref server.Failures, 0) > 0)
            Log.Reachable(_logger, _profile, server.Text);
    }

    private void NoteFailure(Server server, string reason)
    {
        _metrics.ConnectFailed(_profile);
        Volatile.Write(ref server.FailedAt, _time.GetTimestamp());
        if (Interlocked.Increment(ref server.Failures) == 1)
            Log.Unreachable(_logger, _profile, server.Text, reason);
    }

    private sealed class Server(string text, EndPoint address)
    {
        public long FailedAt;
        public int Failures;

        public string Text => text;

        public EndPoint Address => address;

        public bool IsDistrusted => Volatile.Read(ref Failures) > 0;
    }

    private static partial class Log
    {
        [LoggerMessage(3301, LogLevel.Warning, "Profile {Profile}: server {Server} cannot be reached ({Reason})")]
        public static partial void Unreachable(ILogger logger, string profile, string server, string reason);

        [LoggerMessage(3302, LogLevel.Information, "Profile {Profile}: server {Server} can be reached again")]
        public static partial void Reachable(ILogger logger, string profile, string server);
    }
}
