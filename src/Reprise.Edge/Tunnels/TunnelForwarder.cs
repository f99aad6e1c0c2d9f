using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Reprise.Edge.Hosting;
using Reprise.Edge.Profiles;
using Reprise.Tls;

namespace Reprise.Edge.Tunnels;

/// <summary>Leads each connection of a TCP profile to one of its servers.</summary>
internal sealed class TunnelForwarder(
    TunnelMetrics metrics, TimeProvider time, IHostApplicationLifetime lifetime, IOptions<EdgeOptions> options, ILogger<TcpServers> logger)
{
    // As long as anybody has the profile: one that is replaced takes what is known of its servers along.
    private readonly ConditionalWeakTable<EdgeProfile, TcpServers> _servers = [];

    /// <summary>From the established connection to its end.</summary>
    public async Task RunAsync(ConnectionContext connection, EdgeProfile profile)
    {
        var upstream = profile.Options.Upstream.Tcp!;
        var servers = _servers.GetValue(profile, made => new TcpServers(made.Name, upstream, metrics, time, logger));
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        var server = await servers.ConnectAsync(gone.Token);
        if (server is null)
        {
            connection.Abort(new ConnectionAbortedException("No server of the profile can be reached."));
            return;
        }

        using (server)
        {
            metrics.Opened(profile.Name);
            try
            {
                var header = ProxyHeader.Of(
                    upstream.ProxyProtocol, (IPEndPoint)connection.RemoteEndPoint!, (IPEndPoint)connection.LocalEndPoint!,
                    connection.Features.Get<ISessionResumptionFeature>()!.Handshake);
                using var tunnel = new Tunnel(connection, server, upstream.IdleTimeout, time);
                using var stopping = lifetime.ApplicationStopping.Register(() => tunnel.CutAfter(options.Value.DrainTimeout));
                await tunnel.RunAsync(header);
            }
            finally
            {
                metrics.Closed(profile.Name);
            }
        }
    }
}
