using StackExchange.Redis;

namespace Reprise.Redis;

/// <summary>
/// How every connection to Redis is made: one multiplexer per process that fails fast and never queues. A handshake wants its answer now
/// or never; a change of the key ledger that was queued until Redis came back would be made when nobody counts on it any more.
/// </summary>
internal static class RedisConnection
{
    /// <param name="options">Where, and by which credentials.</param>
    /// <param name="clientName">What the server's CLIENT LIST shows, unless the connection string names one.</param>
    public static ConfigurationOptions Configure(RedisConnectionOptions options, string clientName)
    {
        var configuration = ConfigurationOptions.Parse(options.Redis);
        if (options.PasswordFile is { } file)
        {
            configuration.Defaults = new PasswordFileProvider(file);
            configuration.Password = null; // or it would go before the file's
        }

        if (options.SentinelPasswordFile is { } sentinelFile)
            configuration.SentinelPassword = new PasswordFileProvider(sentinelFile).Password;
        if (options.CertificateAuthorityFile is not null || options.ClientCertificateFile is not null)
            configuration.SslClientAuthenticationOptions = host => TlsFiles.Authenticate(configuration.SslHost ?? host, configuration, options);
        configuration.ClientName ??= clientName;
        configuration.AbortOnConnectFail = false; // without Redis all goes on; it is found when it comes
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.ConnectTimeout = Math.Min(configuration.ConnectTimeout, 2000);
        configuration.AsyncTimeout = Math.Min(configuration.AsyncTimeout, 1000);
        configuration.SyncTimeout = Math.Min(configuration.SyncTimeout, 1000); // how the library asks Sentinels, in the background
        configuration.IncludeDetailInExceptions = false; // they are logged: no keys in them; and they are cheaper to make
        configuration.TieBreaker = ""; // these two are the library's own means of choosing among masters; we have none to choose from,
        configuration.ConfigurationChannel = ""; // and an ACL user of ours may neither read that key nor subscribe
        configuration.KeepAlive = 5;
        configuration.ConfigCheckSeconds = Math.Min(configuration.ConfigCheckSeconds, 10); // INFO replication: is it still a master?
        configuration.ReconnectRetryPolicy = new LinearRetry(1000);
        return configuration;
    }
}
