using Reprise.Redis;
using StackExchange.Redis;

namespace Reprise.SessionCache;

/// <summary>The connection to the store of sessions.</summary>
internal static class SessionStoreConnection
{
    public static ConfigurationOptions Configure(RedisSessionCacheOptions options)
    {
        var configuration = RedisConnection.Configure(options, "reprise-edge");
        configuration.AllowAdmin = true; // the library's own latch on CONFIG GET, which RedisCheck needs
        return configuration;
    }
}
