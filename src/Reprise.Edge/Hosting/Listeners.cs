using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Reprise.Edge.Redirect;
using Reprise.Edge.Tunnels;
using Reprise.KeyProtocol.Hosting;
using Reprise.Tls;

namespace Reprise.Edge.Hosting;

/// <summary>The sockets: TLS on our transport, management on Kestrel's own.</summary>
internal static class Listeners
{
    public static void AddListeners(this WebApplicationBuilder builder, SettingsFile file)
    {
        builder.Services.AddOptions<EdgeOptions>()
            .Bind(file.Configuration.GetSection(EdgeOptions.SectionName))
            .PostConfigure(options =>
            {
                options.ReadyFile = options.ReadyFile is { } path ? file.Resolve(path) : null;
                options.TakeOverSocket = options.TakeOverSocket is { } socket ? file.Resolve(socket) : null;
            })
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<EdgeOptions>, EdgeOptionsValidator>();
        builder.Services.AddOptions<TlsTransportOptions>().Configure<IOptions<EdgeOptions>>((transport, edge) =>
        {
            transport.DrainTimeout = edge.Value.DrainTimeout;
            transport.Loops = edge.Value.Loops;
            transport.SharePorts = edge.Value.SharePorts;
            transport.TakeOverSocket = edge.Value.TakeOverSocket;
        });
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<EdgeOptions>>((host, edge) =>
            host.ShutdownTimeout = edge.Value.DrainDelay + edge.Value.DrainTimeout + TimeSpan.FromSeconds(5));
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton<EventLoops>();
        builder.Services.AddSingleton<IConnectionFactory>(services => services.GetRequiredService<EventLoops>()); // to the session store
        builder.Services.AddSingleton<TlsTransportFactory>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => services.GetRequiredService<TlsTransportFactory>());
        builder.Services.AddOptions<SocketTransportOptions>().Configure<IOptions<EdgeOptions>, TlsTransportFactory>((sockets, edge, transport) =>
        {
            if (edge.Value.SharePorts || edge.Value.TakeOverSocket is not null)
                sockets.CreateBoundListenSocket = endPoint => SharedSocket.Bind(endPoint, alone: !edge.Value.SharePorts && !transport.TakesOver);
        });
        builder.Services.AddHostedService<ReadyReport>();
        builder.Services.AddHostedService<TakeOver>(); // after the report: the process before goes when this one can be found
        builder.Services.AddHostedService<ParentWatch>();
        builder.WebHost.ConfigureKestrel((_, kestrel) =>
        {
            var options = kestrel.ApplicationServices.GetRequiredService<IOptions<EdgeOptions>>().Value;
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxResponseBufferSize = 192 * 1024; // of each HTTP/2 stream: at 64 KiB fifty downloads at once are a fifth slower
            kestrel.Limits.MaxRequestBodySize = null; // what a body may weigh is for the upstream to say
            // Kestrel's own, 96 and 128 KiB, are 2 MB/s for an upload from 50 ms away. An HTTP/1.1 connection may have as much under way.
            kestrel.Limits.Http2.InitialStreamWindowSize = 768 * 1024;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 1024 * 1024;
            foreach (var address in options.Listen)
                kestrel.Listen(new TlsEndPoint(ListenAddress.Parse(address)), TunnelExtensions.UseTunnels); // else HTTP/1.1 and HTTP/2, by ALPN
            foreach (var (listener, settings) in options.Listeners)
            {
                kestrel.Listen(
                    new TlsEndPoint(ListenAddress.Parse(settings.Address)) { Name = listener, ProxyProtocol = settings.ProxyProtocol },
                    TunnelExtensions.UseTunnels);
            }

            var redirects = kestrel.ApplicationServices.GetRequiredService<RedirectListeners>();
            foreach (var address in options.HttpRedirect)
                redirects.Listen(kestrel, ListenAddress.Parse(address));
            kestrel.Listen(ListenAddress.Parse(options.Management), listen => listen.Protocols = HttpProtocols.Http1);
        });
    }
}
