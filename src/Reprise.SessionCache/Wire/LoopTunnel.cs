#pragma warning disable SER009 // StackExchange.Redis calls its transports an experiment: an update of it is tried by RedisTransportTests
using System.Net;
using Microsoft.AspNetCore.Connections;
using RESPite.Transports;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace Reprise.SessionCache.Wire;

/// <summary>
/// Has the library send and receive by connections of the host's own making, whose reads go on where handshakes run: an answer then
/// costs no change of thread. Only commands, and only in the clear: TLS, subscriptions and Unix sockets go the library's own way.
/// </summary>
/// <param name="connections">Makes them.</param>
/// <param name="timeout">For one to be there.</param>
internal sealed class LoopTunnel(IConnectionFactory connections, TimeSpan timeout) : Tunnel
{
    public override async ValueTask<DuplexTransport?> ConnectTransportAsync(
        EndPoint endpoint, ConnectionType connectionType, TlsOptions tls, CancellationToken cancellationToken)
    {
        if (tls.IsEnabled || connectionType is not ConnectionType.Interactive || endpoint is not (IPEndPoint or DnsEndPoint))
            return null;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        return new LoopTransport(await connections.ConnectAsync(endpoint, deadline.Token).ConfigureAwait(false));
    }
}
