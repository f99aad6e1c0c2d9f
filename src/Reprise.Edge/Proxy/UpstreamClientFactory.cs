using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Reprise.Edge.Traces;
using Yarp.ReverseProxy.Forwarder;

namespace Reprise.Edge.Proxy;

/// <summary>YARP's clients, with the authorities of their cluster.</summary>
internal sealed class UpstreamClientFactory(IOptions<EdgeTelemetryOptions> telemetry, ILogger<ForwarderHttpClientFactory> logger) : ForwarderHttpClientFactory(logger)
{
    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context) && Authorities(context.OldMetadata) == Authorities(context.NewMetadata)
        && context.OldMetadata?.GetValueOrDefault(ProxyClusters.ServerNames) == context.NewMetadata?.GetValueOrDefault(ProxyClusters.ServerNames);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        if (!telemetry.Value.HasTraces())
            handler.ActivityHeadersPropagator = null; // a proxy that keeps no traces leaves those of others alone
        // Connections are not kept for ever, or a name that has moved would never be looked up again.
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(15);
        if (handler.SslOptions.RemoteCertificateValidationCallback is null && context.NewMetadata?.GetValueOrDefault(ProxyClusters.ServerNames) is { } names)
            handler.SslOptions.RemoteCertificateValidationCallback = AcceptServerNames(names.Split(' '));
        if (Authorities(context.NewMetadata) is not { } pem)
            return;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(UpstreamAuthorities.Parse(pem));
        handler.SslOptions.CertificateChainPolicy = policy;
    }

    // .NET expects the name in the Host header, which is the client's; a server may as well be the one that its address says.
    private static RemoteCertificateValidationCallback AcceptServerNames(string[] names) => (_, certificate, _, errors) =>
        errors is SslPolicyErrors.None
        || errors is SslPolicyErrors.RemoteCertificateNameMismatch && certificate is X509Certificate2 leaf
            && names.Any(name => leaf.MatchesHostname(name, allowWildcards: true, allowCommonName: false));

    private static string? Authorities(IReadOnlyDictionary<string, string>? metadata) => metadata?.GetValueOrDefault(UpstreamAuthorities.Key);
}
