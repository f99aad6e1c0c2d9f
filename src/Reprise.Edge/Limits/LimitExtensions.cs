using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Reprise.Edge.Handshakes;
using Reprise.Edge.Hosting;
using Reprise.Tls;

namespace Reprise.Edge.Limits;

internal static class LimitExtensions
{
    public static void AddLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<TlsTransportOptions>().Configure<IOptions<EdgeOptions>>((transport, edge) =>
        {
            var (limits, proxies) = (edge.Value.Limits, edge.Value.ProxyProtocol);
            transport.MaxConnections = limits.Connections;
            transport.MaxConnectionsPerAddress = limits.ConnectionsPerAddress;
            transport.MaxHandshakesPerSecondPerAddress = limits.HandshakesPerSecondPerAddress;
            transport.MaxTrackedAddresses = limits.TrackedAddresses;
            transport.TrustedProxies = proxies.Networks();
            transport.ProxyHeaderTimeout = proxies.Timeout;
            transport.RequestsAreCounted = true;
        });
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<EdgeOptions>>((kestrel, edge) =>
        {
            kestrel.Limits.RequestHeadersTimeout = edge.Value.Limits.RequestHeadersTimeout;
            // Of a profile's connections the transport ends those that are idle; Kestrel's one deadline is for all.
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromDays(1) + TimeSpan.FromMinutes(1);
        });
        builder.Services.AddHostedService<ConnectionGauge>();
    }

    /// <summary>Tells the transport which connections are in use.</summary>
    public static void UseRequestCount(this WebApplication app) => app.Use(async (context, next) =>
    {
        var connection = context.Features.Get<ITlsRequestFeature>();
        connection?.RequestBegun();
        try
        {
            await next(context);
        }
        finally
        {
            connection?.RequestEnded();
        }
    });

    /// <summary><c>reprise_connections</c>: from accept to close.</summary>
    private sealed class ConnectionGauge : IHostedService, IDisposable
    {
        private readonly Meter _meter;

        public ConnectionGauge(IMeterFactory meters, TlsTransportFactory transport)
        {
            _meter = meters.Create(HandshakeMetrics.MeterName);
            _meter.CreateObservableGauge("reprise.connections", () => transport.Connections, null, "TCP connections of clients open now");
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose() => _meter.Dispose();
    }
}
