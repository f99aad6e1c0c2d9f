using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyService.Dashboard;
using Reprise.KeyService.Identity;
using Reprise.KeyService.Management;

namespace Reprise.KeyService.Hosting;

/// <summary>The sockets: gRPC over mTLS, management in plain HTTP, and the dashboard over TLS where it is on. None serves what belongs to another.</summary>
internal static class Listeners
{
    public static void AddListeners(this WebApplicationBuilder builder, SettingsFile file)
    {
        builder.Services.AddOptions<KeyServiceOptions>()
            .Bind(file.Configuration.GetSection(KeyServiceOptions.SectionName))
            .PostConfigure(options =>
            {
                options.Authority = file.Resolve(options.Authority);
                options.Certificate = file.Resolve(options.Certificate);
                options.Key = file.Resolve(options.Key);
                options.ReadyFile = options.ReadyFile is { } path ? file.Resolve(path) : null;
                options.KeyEncryptionKeyFile = options.KeyEncryptionKeyFile is { Length: > 0 } key ? file.Resolve(key) : null;
                options.OlderKeyEncryptionKeyFile = options.OlderKeyEncryptionKeyFile is { Length: > 0 } older ? file.Resolve(older) : null;
            })
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<KeyServiceOptions>, KeyServiceOptionsValidator>();
        builder.Services.AddSingleton<ServerCredentials>();
        builder.Services.AddSingleton<ListenerAddresses>();
        builder.Services.AddHostedService<ReadyReport>();
        builder.Services.AddHostedService<ParentWatch>();
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel((_, kestrel) =>
        {
            var options = kestrel.ApplicationServices.GetRequiredService<IOptions<KeyServiceOptions>>().Value;
            kestrel.AddServerHeader = false;
            // A node that is gone without a word is noticed, and no longer waited for, within 15 s.
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
            kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(5);
            kestrel.Listen(ListenAddress.Parse(options.Grpc), listen =>
            {
                var credentials = kestrel.ApplicationServices.GetRequiredService<ServerCredentials>();
                listen.Serve(Listener.Grpc, HttpProtocols.Http2, from => credentials.ForHandshake(from));
            });
            kestrel.Listen(ListenAddress.Parse(options.Management), listen => listen.Serve(Listener.Management, HttpProtocols.Http1));
            kestrel.ListenForDashboard();
        });
    }

    /// <summary>What the wrong listener is asked for does not exist. Endpoints are for gRPC unless marked.</summary>
    public static void UseListenerSeparation(this WebApplication app)
    {
        app.UseRouting();
        app.Use((context, next) =>
        {
            var asked = context.Features.Get<Listener>();
            var served = context.GetEndpoint()?.Metadata.GetMetadata<Listener>() ?? Listener.Grpc;
            if (asked == served || context.GetEndpoint() is null)
                return next(context);
            context.SetEndpoint(null);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <summary>Marks the connections of a listener as its own, and encrypts them if there is something for handshakes.</summary>
    public static void Serve(this ListenOptions listen, Listener listener, HttpProtocols protocols, Func<System.Net.EndPoint?, System.Net.Security.SslServerAuthenticationOptions>? handshakes = null)
    {
        listen.ApplicationServices.GetRequiredService<ListenerAddresses>().Add(listener, listen);
        listen.Protocols = protocols;
        listen.Use(next => connection =>
        {
            connection.Features.Set(listener);
            return next(connection);
        });
        if (handshakes is not null)
        {
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = TimeSpan.FromSeconds(5),
                OnConnection = handshake => ValueTask.FromResult(handshakes(handshake.Connection.RemoteEndPoint)),
            });
        }
    }
}
