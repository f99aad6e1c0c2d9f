using Microsoft.AspNetCore.Server.Kestrel.Core;
using Reprise.Edge.Profiles;
using Reprise.Tls;

namespace Reprise.Edge.Tunnels;

/// <summary>Connections of profiles with a TCP upstream: they leave the way of requests before Kestrel looks for one in them.</summary>
internal static class TunnelExtensions
{
    public static void AddTunnels(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TunnelMetrics>();
        builder.Services.AddSingleton<TunnelForwarder>();
    }

    public static void UseTunnels(this ListenOptions listen)
    {
        var forwarder = listen.ApplicationServices.GetRequiredService<TunnelForwarder>();
        listen.Use(next => connection =>
        {
            var profile = EdgeProfile.Of(connection.Features.Get<ISessionResumptionFeature>()!.Handshake);
            return profile.Options.Upstream.Tcp is null ? next(connection) : forwarder.RunAsync(connection, profile);
        });
    }
}
