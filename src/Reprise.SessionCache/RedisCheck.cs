using System.Net;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Reprise.SessionCache;

/// <summary>Whether a Redis is fit to hold sessions (DESIGN §4): it writes nothing to disk, and off loopback it asks who is there.</summary>
internal static partial class RedisCheck
{
    /// <param name="multiplexer">Connected.</param>
    /// <param name="configuration">That it was connected with.</param>
    /// <param name="options">What is allowed.</param>
    /// <param name="logger">For what cannot be known.</param>
    /// <exception cref="UnfitRedisException">It is not; says why and what to change.</exception>
    /// <exception cref="RedisException">It cannot be asked at this moment; so can <see cref="TimeoutException"/>.</exception>
    public static async Task RunAsync(ConnectionMultiplexer multiplexer, ConfigurationOptions configuration, RedisSessionCacheOptions options, ILogger logger)
    {
        foreach (var server in multiplexer.GetServers())
        {
            if (!server.IsConnected)
                continue;
            var name = Format(server.EndPoint);
            if (!options.AllowAnonymous && !IsLoopback(server.EndPoint) && await IsAnonymousAsync(server.EndPoint, configuration).ConfigureAwait(false))
                throw new UnfitRedisException($"Redis {name} asks for no password and is not on loopback; set requirepass or an ACL user, or Sessions:AllowAnonymous to true.");
            if (options.AllowPersistence)
                continue;
            var save = await ReadAsync(server, "save").ConfigureAwait(false);
            var appendOnly = await ReadAsync(server, "appendonly").ConfigureAwait(false);
            if (save is null || appendOnly is null)
                Log.SettingHidden(logger, name);
            if (!string.IsNullOrEmpty(save) || appendOnly is "yes")
                throw new UnfitRedisException($"Redis {name} writes to disk (save '{save}', appendonly {appendOnly}); start it with --save '' --appendonly no, or set Sessions:AllowPersistence to true.");
        }
    }

    // A connection that gave a password may still be to a server that wants none, so this one gives none.
    private static async Task<bool> IsAnonymousAsync(EndPoint server, ConfigurationOptions configuration)
    {
        var without = configuration.Clone();
        without.EndPoints.Clear();
        without.EndPoints.Add(server);
        without.User = null;
        without.Password = null;
        without.AbortOnConnectFail = true;
        without.ConnectRetry = 1;
        try
        {
            var anonymous = await ConnectionMultiplexer.ConnectAsync(without).ConfigureAwait(false);
            await using (anonymous.ConfigureAwait(false))
            {
                await anonymous.GetDatabase().PingAsync().ConfigureAwait(false);
                return true;
            }
        }
        catch (RedisConnectionException refused) when (refused.FailureType is ConnectionFailureType.AuthenticationFailure)
        {
            return false; // any other failure says nothing about it, and is the caller's
        }
    }

    /// <summary>A setting of CONFIG GET, or null where the server hides it, as managed ones do.</summary>
    private static async Task<string?> ReadAsync(IServer server, string setting)
    {
        try
        {
            var answer = await server.ExecuteAsync("CONFIG", "GET", setting).ConfigureAwait(false);
            return answer.Length == 2 ? (string?)answer[1] : null;
        }
        catch (RedisServerException refused) when (!refused.Message.StartsWith("LOADING", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private static bool IsLoopback(EndPoint endPoint) => endPoint switch
    {
        IPEndPoint ip => IPAddress.IsLoopback(ip.Address),
        DnsEndPoint dns => dns.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase),
        _ => true, // a Unix socket
    };

    private static string Format(EndPoint endPoint) => endPoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endPoint.ToString() ?? "";

    private static partial class Log
    {
        [LoggerMessage(2010, LogLevel.Warning, "Session store: {Server} hides whether it writes to disk; make sure that it does not")]
        public static partial void SettingHidden(ILogger logger, string server);
    }
}
