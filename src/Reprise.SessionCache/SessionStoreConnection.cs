using Microsoft.AspNetCore.Connections;
using Reprise.Redis;
using Reprise.SessionCache.Wire;
using StackExchange.Redis;

namespace Reprise.SessionCache;

/// <summary>The connection to the store of sessions.</summary>
internal static class SessionStoreConnection
{
    /// <param name="options">Where, and by which credentials.</param>
    /// <param name="connections">Makes its connections, see <see cref="LoopTunnel"/>; null: the library does.</param>
    public static ConfigurationOptions Configure(RedisSessionCacheOptions options, IConnectionFactory? connections = null)
    {
        var configuration = RedisConnection.Configure(options, "reprise-edge");
        configuration.AllowAdmin = true; // the library's own latch on CONFIG GET, which RedisCheck needs
        if (connections is not null)
            configuration.Tunnel ??= new LoopTunnel(connections, TimeSpan.FromMilliseconds(configuration.ConnectTimeout));
        return configuration;
    }
}
