using System.Security.Cryptography.X509Certificates;
using Yarp.ReverseProxy.Forwarder;

namespace Reprise.Edge.Proxy;

/// <summary>YARP's clients, with the authorities of their cluster.</summary>
internal sealed class UpstreamClientFactory(ILogger<ForwarderHttpClientFactory> logger) : ForwarderHttpClientFactory(logger)
{
    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context) && Authorities(context.OldMetadata) == Authorities(context.NewMetadata);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        // Connections are not kept for ever, or a name that has moved would never be looked up again.
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(15);
        if (Authorities(context.NewMetadata) is not { } pem)
            return;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(UpstreamAuthorities.Parse(pem));
        handler.SslOptions.CertificateChainPolicy = policy;
    }

    private static string? Authorities(IReadOnlyDictionary<string, string>? metadata) => metadata?.GetValueOrDefault(UpstreamAuthorities.Key);
}
