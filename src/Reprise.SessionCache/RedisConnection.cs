using StackExchange.Redis;

namespace Reprise.SessionCache;

/// <summary>How every connection to Redis is made: one multiplexer per process that fails fast and never queues without bound.</summary>
internal static class RedisConnection
{
    public static ConfigurationOptions Configure(RedisSessionCacheOptions options)
    {
        var configuration = ConfigurationOptions.Parse(options.Redis);
        if (options.PasswordFile is { } file)
            configuration.Password = File.ReadLines(file).FirstOrDefault()?.Trim();
        configuration.ClientName ??= "reprise-edge";
        configuration.AbortOnConnectFail = false; // without Redis handshakes go on; it is found when it comes
        configuration.BacklogPolicy = BacklogPolicy.FailFast; // a handshake wants its answer now or never
        configuration.ConnectTimeout = Math.Min(configuration.ConnectTimeout, 2000);
        configuration.AsyncTimeout = Math.Min(configuration.AsyncTimeout, 1000);
        configuration.AllowAdmin = true; // the library's own latch on CONFIG GET, which RedisCheck needs
        configuration.KeepAlive = 5;
        configuration.ReconnectRetryPolicy = new LinearRetry(1000);
        return configuration;
    }
}
