using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Reprise.Core.Sessions;
using Reprise.Edge.Certificates;
using Reprise.Edge.ClientAuthentication;
using Reprise.SessionCache;
using Reprise.Tls;
using Reprise.Tls.Interop;

namespace Reprise.Edge.Profiles;

/// <summary>Makes profiles of settings: reads certificates, computes scopes, builds TLS contexts.</summary>
internal static class ProfileLoader
{
    /// <exception cref="ProfileException">A certificate or key cannot be used.</exception>
    /// <exception cref="OpenSslException">OpenSSL itself cannot be used.</exception>
    public static ProfileTable Load(
        IReadOnlyDictionary<string, ProfileOptions> profiles, RedisSessionCacheOptions sessions, RedisSessionCache store,
        IReadOnlyDictionary<string, IReadOnlyList<string>>? subsets = null)
    {
        OpenSslLibrary.EnsureUsable();
        return new ProfileTable([.. profiles.Select(pair => Load(pair.Key, pair.Value, sessions, store))], subsets);
    }

    private static EdgeProfile Load(string name, ProfileOptions options, RedisSessionCacheOptions sessions, RedisSessionCache store)
    {
        var certificates = options.Certificates.Select((certificate, i) => Read(certificate, $"{ProfileOptions.SectionName}:{name}:Certificates:{i}")).ToList();
        RequireOnePerKeyType(name, certificates.ConvertAll(certificate => certificate.KeyType));
        var tls = TlsPolicy.Apply(new TlsProfileOptions
        {
            Name = name,
            Certificates = [.. certificates.Select(certificate => certificate.Tls)],
            SessionIdContext = new byte[Scope.Length],
            Stateful = options.Resumption.Stateful,
            Stateless = options.Resumption.Stateless,
            Tls13 = options.Resumption.EffectiveTls13,
            TicketsPerHandshake = options.Resumption.TicketsPerHandshake,
            LookupBudget = sessions.LookupBudget,
            StoreBudget = sessions.StoreBudget,
            HandshakeTimeout = options.HandshakeTimeout,
            IdleTimeout = options.IdleTimeout,
            ClientAuth = ClientAuthLoader.Load(name, options.ClientAuth),
            ResumeAuthenticatedClients = options.Resumption.ResumeAuthenticatedClients,
        }, options.Tls);
        var scope = Scope.Of(ClientAuthLoader.Apply(new ScopeParts
        {
            Profile = name,
            PolicyGeneration = options.Resumption.PolicyGeneration,
            ServerKeys = [.. certificates.Select(certificate => certificate.KeyHash)],
            Hosts = [.. options.Hosts],
            Alpn = [.. tls.Alpn],
            TlsPolicy = TlsPolicy.Describe(tls, options.Tls),
        }, tls.ClientAuth));
        try
        {
            return new EdgeProfile(name, options, scope, tls with { SessionIdContext = scope.Bytes.ToArray() }, Near(options.Resumption, sessions, store));
        }
        catch (OpenSslException fault)
        {
            var section = $"{ProfileOptions.SectionName}:{name}";
            throw new ProfileException(fault.Message.StartsWith($"{section}:", StringComparison.Ordinal) ? fault.Message : $"{section}: {fault.Message}");
        }
    }

    private static NearSessionCache? Near(ProfileOptions.ResumptionOptions resumption, RedisSessionCacheOptions sessions, RedisSessionCache store) =>
        // Also for a profile that is not stateful: it may be switched on.
        sessions.Redis.Length > 0
            ? new NearSessionCache(store, resumption.NearCacheEntries ?? sessions.NearCacheEntries, resumption.NearCacheAge ?? sessions.NearCacheAge)
            : null;

    // OpenSSL keeps one certificate for each key type: a second one would silently take the place of the first.
    private static void RequireOnePerKeyType(string name, List<string?> keyTypes)
    {
        for (var i = 1; i < keyTypes.Count; i++)
        {
            if (keyTypes.IndexOf(keyTypes[i]) is var first && first < i)
                throw new ProfileException($"{ProfileOptions.SectionName}:{name}:Certificates:{i} has a key of the same type as Certificates:{first}; allowed: one certificate for each key type (ECDSA, RSA)");
        }
    }

    private static (TlsCertificate Tls, byte[] KeyHash, string? KeyType) Read(CertificateOptions options, string key)
    {
        try
        {
            var chain = File.ReadAllBytes(options.Chain);
            using var leaf = X509Certificate2.CreateFromPem(System.Text.Encoding.ASCII.GetString(chain));
            var keyHash = SHA256.HashData(leaf.PublicKey.ExportSubjectPublicKeyInfo());
            return (new TlsCertificate(chain, File.ReadAllBytes(options.Key), $"{key} ({options.Chain}, {options.Key})"), keyHash, leaf.PublicKey.Oid.Value);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ProfileException($"{key} is '{options.Chain}' and '{options.Key}'; allowed: readable PEM files ({fault.Message.ReplaceLineEndings(" ")})");
        }
    }
}
