using Reprise.Core.Sessions;
using Reprise.Edge.Certificates;
using Reprise.Edge.ClientAuthentication;
using Reprise.SessionCache;
using Reprise.Tls;
using Reprise.Tls.Interop;
using Yarp.ReverseProxy.Configuration;

namespace Reprise.Edge.Profiles;

/// <summary>Makes profiles of settings: reads certificates, computes scopes, builds TLS contexts.</summary>
internal static class ProfileLoader
{
    /// <exception cref="ProfileException">A certificate or key cannot be used.</exception>
    /// <exception cref="OpenSslException">OpenSSL itself cannot be used.</exception>
    public static ProfileTable Load(
        IReadOnlyDictionary<string, ProfileOptions> profiles, RedisSessionCacheOptions sessions, RedisSessionCache store, DateTimeOffset now,
        IReadOnlyDictionary<string, IReadOnlyList<string>>? subsets = null,
        IReadOnlyDictionary<string, ClusterConfig>? clusters = null)
    {
        OpenSslLibrary.EnsureUsable();
        return new ProfileTable([.. profiles.Select(pair => Load(pair.Key, pair.Value, sessions, store, now))], subsets)
        {
            Clusters = clusters ?? new Dictionary<string, ClusterConfig>(),
        };
    }

    /// <param name="name">The profile's.</param>
    /// <param name="options">With absolute paths.</param>
    /// <param name="sessions">Budgets, and how much is kept near.</param>
    /// <param name="store">Null where nothing is going to be served.</param>
    /// <param name="now">Dates of certificates count at this moment.</param>
    /// <param name="former">Who served under this name until now; what it keeps near lives on if the scope is the same.</param>
    /// <param name="fingerprint">Of settings and files.</param>
    /// <exception cref="ProfileException">A certificate or key cannot be used.</exception>
    public static EdgeProfile Load(
        string name, ProfileOptions options, RedisSessionCacheOptions sessions, RedisSessionCache? store, DateTimeOffset now, EdgeProfile? former = null,
        string fingerprint = "")
    {
        using var certificates = SiteCertificates.Read(options, $"{ProfileOptions.SectionName}:{name}", now);
        var tls = TlsPolicy.Apply(new TlsProfileOptions
        {
            Name = name,
            Certificates = certificates.Tls,
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
            Tunnel = options.Upstream.Tcp is not null,
            ResumeAuthenticatedClients = options.Resumption.ResumeAuthenticatedClients,
        }, options.Tls, isTunnel: options.Upstream.Tcp is not null);
        var scope = Scope.Of(ClientAuthLoader.Apply(new ScopeParts
        {
            Profile = name,
            PolicyGeneration = options.Resumption.PolicyGeneration,
            ServerKeys = certificates.KeyHashes,
            Hosts = [.. options.Hosts],
            Alpn = [.. tls.Alpn],
            TlsPolicy = TlsPolicy.Describe(tls, options.Tls),
        }, tls.ClientAuth));
        try
        {
            return new EdgeProfile(name, options, scope, tls with { SessionIdContext = scope.Bytes.ToArray() }, Near(options.Resumption, sessions, store, former?.Scope.Equals(scope) is true ? former : null))
            {
                Certificates = certificates.Facts,
                Fingerprint = fingerprint,
            };
        }
        catch (OpenSslException fault)
        {
            var section = $"{ProfileOptions.SectionName}:{name}";
            throw new ProfileException(fault.Message.StartsWith($"{section}:", StringComparison.Ordinal) ? fault.Message : $"{section}: {fault.Message}");
        }
    }

    private static NearSessionCache? Near(
        ProfileOptions.ResumptionOptions resumption, RedisSessionCacheOptions sessions, RedisSessionCache? store, EdgeProfile? former)
    {
        // Also for a profile that is not stateful: it may be switched on.
        if (sessions.Redis.Length == 0 || store is null)
            return null;
        if (former is { Sessions: { } near, Options.Resumption: var before } && before.NearCacheEntries == resumption.NearCacheEntries && before.NearCacheAge == resumption.NearCacheAge)
            return near;
        return new NearSessionCache(store, resumption.NearCacheEntries ?? sessions.NearCacheEntries, resumption.NearCacheAge ?? sessions.NearCacheAge);
    }
}
