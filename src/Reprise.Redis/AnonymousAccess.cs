using System.Net;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace Reprise.Redis;

/// <summary>Whether a Redis lets in whoever comes.</summary>
internal static class AnonymousAccess
{
    /// <summary>Whether this server asks for no password and is not on loopback, where only this machine reaches it.</summary>
    /// <param name="server">A server that is connected.</param>
    /// <param name="configuration">That it was connected with.</param>
    /// <exception cref="RedisException">It cannot be asked; so can <see cref="TimeoutException"/>.</exception>
    public static async Task<bool> IsPossibleAsync(EndPoint server, ConfigurationOptions configuration) =>
        !IsLoopback(server) && await IsOpenAsync(server, configuration).ConfigureAwait(false);

    // A connection that gave a password may still be to a server that wants none, so this one gives none.
    private static async Task<bool> IsOpenAsync(EndPoint server, ConfigurationOptions configuration)
    {
        var without = configuration.Clone();
        without.EndPoints.Clear();
        without.EndPoints.Add(server);
        without.ServiceName = null;
        without.Defaults = new DefaultOptionsProvider(); // or it would read the password file
        without.User = null;
        without.Password = null;
        without.AbortOnConnectFail = true;
        without.ConnectRetry = 1;
        try
        {
            var anonymous = await ConnectionMultiplexer.ConnectAsync(without).ConfigureAwait(false);
            await using (anonymous.ConfigureAwait(false))
            {
                await anonymous.GetServer(server).PingAsync().ConfigureAwait(false);
                return true;
            }
        }
        catch (RedisConnectionException refused) when (refused.FailureType is ConnectionFailureType.AuthenticationFailure)
        {
            return false; // any other failure says nothing about it, and is the caller's
        }
    }

    private static bool IsLoopback(EndPoint endPoint) => endPoint switch
    {
        IPEndPoint ip => IPAddress.IsLoopback(ip.Address),
        DnsEndPoint dns => dns.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase),
        _ => true, // a Unix socket
    };
}
