using Microsoft.Extensions.Options;
using Reprise.Edge.ClientAuthentication;
using Reprise.KeyProtocol;
using Reprise.SessionCache;
using Reprise.Tls;

namespace Reprise.Edge.Handshakes;

internal static class HandshakeExtensions
{
    public static void AddHandshakes(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<HandshakeMetrics>();
        builder.Services.AddSingleton<HandshakeTotals>();
        builder.Services.AddSingleton<IHandshakeTotals>(services => services.GetRequiredService<HandshakeTotals>());
        builder.Services.AddSingleton<HandshakePolicy, EdgeHandshakePolicy>();
        builder.Services.AddHostedService<SessionCacheStart>();
        builder.Services.AddHostedService<SessionPathWarmup>();
        builder.Services.AddHostedService<RevocationListWatch>();
    }

    /// <summary>Connects to the store before the listeners open, where there is one; an unfit one stops the start.</summary>
    private sealed class SessionCacheStart(IOptions<RedisSessionCacheOptions> options, RedisSessionCache cache) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) =>
            options.Value.Redis.Length > 0 ? cache.StartAsync(cancellationToken) : Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
