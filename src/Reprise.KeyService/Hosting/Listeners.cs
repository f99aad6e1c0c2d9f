using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyService.Identity;
using Reprise.KeyService.Management;

namespace Reprise.KeyService.Hosting;

/// <summary>The two sockets: gRPC over mTLS, and management in plain HTTP. Neither serves what belongs to the other.</summary>
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
                listen.Protocols = HttpProtocols.Http2;
                var credentials = kestrel.ApplicationServices.GetRequiredService<ServerCredentials>();
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    HandshakeTimeout = TimeSpan.FromSeconds(5),
                    OnConnection = handshake => ValueTask.FromResult(credentials.ForHandshake(handshake.Connection.RemoteEndPoint)),
                });
            });
            kestrel.Listen(ListenAddress.Parse(options.Management), listen => listen.Protocols = HttpProtocols.Http1);
        });
    }

    /// <summary>What the wrong listener is asked for does not exist. Endpoints are for gRPC unless marked.</summary>
    public static void UseListenerSeparation(this WebApplication app)
    {
        app.UseRouting();
        app.Use((context, next) =>
        {
            var encrypted = context.Features.Get<ITlsHandshakeFeature>() is not null;
            var forManagement = context.GetEndpoint()?.Metadata.GetMetadata<ManagementEndpoint>() is not null;
            if (encrypted != forManagement)
                return next(context);
            context.SetEndpoint(null);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }
}
