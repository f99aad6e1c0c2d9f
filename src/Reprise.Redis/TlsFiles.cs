using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace Reprise.Redis;

/// <summary>TLS to Redis with a private authority and a certificate of the node's. Files are read at each connection, so that renewed ones are used.</summary>
internal static class TlsFiles
{
    /// <param name="host">That the server's certificate must be for.</param>
    /// <param name="configuration">Of the connection.</param>
    /// <param name="options">Which files.</param>
    public static SslClientAuthenticationOptions Authenticate(string host, ConfigurationOptions configuration, RedisConnectionOptions options) => new()
    {
        TargetHost = host,
        EnabledSslProtocols = configuration.SslProtocols ?? SslProtocols.None,
        CertificateChainPolicy = options.CertificateAuthorityFile is { } file ? TrustOnly(file) : null,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        ClientCertificateContext = options is { ClientCertificateFile: { } chain, ClientKeyFile: { } key } ? ReadPair(chain, key) : null,
    };

    /// <exception cref="System.Security.Cryptography.CryptographicException">Not a PEM file of certificates.</exception>
    public static X509ChainPolicy TrustOnly(string authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(authorities);
        return policy;
    }

    /// <exception cref="System.Security.Cryptography.CryptographicException">Not a certificate and a key.</exception>
    /// <exception cref="ArgumentException">The key is another's.</exception>
    public static SslStreamCertificateContext ReadPair(string chain, string key)
    {
        var own = X509Certificate2.CreateFromPemFile(chain, key);
        var others = new X509Certificate2Collection();
        others.ImportFromPemFile(chain);
        return SslStreamCertificateContext.Create(own, others, offline: true);
    }
}
