namespace Reprise.SessionCache;

/// <summary>The shared session store and how long a handshake waits for it.</summary>
public sealed class RedisSessionCacheOptions
{
    public const string SectionName = "Sessions";

    /// <summary>
    /// StackExchange.Redis connection string: <c>host:port[,host:port…][,option=value…]</c>. Several servers are seeds of one Cluster, or with
    /// <c>serviceName=</c> the Sentinels of one master; <c>ssl=true</c> is TLS, <c>user=</c> an ACL user. Empty: no store, and no profile may be
    /// stateful.
    /// </summary>
    public string Redis { get; set; } = "";

    /// <summary>
    /// File whose first line is the password; keeps it out of the configuration. It is read at each connection, so a password that was
    /// rotated needs no restart. Default none.
    /// </summary>
    public string? PasswordFile { get; set; }

    /// <summary>The same for the Sentinels, if their password is another. Default none: that of the servers. Read at the start.</summary>
    public string? SentinelPasswordFile { get; set; }

    /// <summary>PEM file of the only authorities that may have signed the servers' certificates. Default none: those of the system.</summary>
    public string? CertificateAuthorityFile { get; set; }

    /// <summary>PEM file of the certificate, and what it was signed with, that this node shows to the servers. Default none.</summary>
    public string? ClientCertificateFile { get; set; }

    /// <summary>PEM file of its key, unencrypted. Default none.</summary>
    public string? ClientKeyFile { get; set; }

    /// <summary>How long a handshake waits for a lookup before it goes on as a full one. Default 20 ms.</summary>
    public TimeSpan LookupBudget { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long the flight that tells a client of its session waits for the store. Default 20 ms.</summary>
    public TimeSpan StoreBudget { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// How long the store is left alone after five failures in a row: calls slower than their budget, lost connections, refusals such as
    /// OOM, READONLY, NOPERM or LOADING. Meanwhile handshakes are full ones and wait for nothing; then one lookup or store is tried.
    /// Default 1 s.
    /// </summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>TLS 1.2 sessions of each profile that each node keeps in memory besides. Default 10,000 (some 6 MB); 0: none.</summary>
    public int NearCacheEntries { get; set; } = 10_000;

    /// <summary>How long such a copy is used before the store is asked again. Default 5 min.</summary>
    public TimeSpan NearCacheAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Uses a Redis that writes sessions to disk (RDB or AOF). Default false: such a Redis is refused.</summary>
    public bool AllowPersistence { get; set; }

    /// <summary>Uses a Redis without AUTH that is not on loopback. Default false: such a Redis is refused.</summary>
    public bool AllowAnonymous { get; set; }
}
