using Reprise.Redis;
using StackExchange.Redis;

namespace Reprise.SessionCache;

/// <summary>
/// Whether a Redis is fit to hold sessions (DESIGN §4): it writes nothing to disk, it asks who is there unless on loopback, and it knows
/// GETDEL. All servers that are connected are asked, replicas too: they hold the same sessions and may be masters at any moment.
/// </summary>
internal static class RedisCheck
{
    private static readonly Version LeastVersion = new(6, 2);

    /// <param name="multiplexer">Connected.</param>
    /// <param name="configuration">That it was connected with.</param>
    /// <param name="options">What is allowed.</param>
    /// <exception cref="UnfitRedisException">A server is not; says why and what to change.</exception>
    public static async Task<RedisFindings> RunAsync(ConnectionMultiplexer multiplexer, ConfigurationOptions configuration, RedisSessionCacheOptions options)
    {
        var warnings = new SortedSet<string>(StringComparer.Ordinal);
        var fit = false;
        string? unasked = null;
        foreach (var server in multiplexer.GetServers())
        {
            if (!server.IsConnected)
                continue;
            try
            {
                await RunAsync(server, configuration, options, warnings).ConfigureAwait(false);
                fit |= !server.IsReplica;
            }
            catch (Exception fault) when (RedisFault.IsExpected(fault) || fault is InvalidCastException) // the latter: an answer of a shape that no Redis gives
            {
                unasked = $"{EndPointText.Of(server.EndPoint)}: {fault.Message.ReplaceLineEndings(" ")}";
            }
        }

        return new RedisFindings(fit, unasked ?? (fit ? null : "no master is connected"), warnings);
    }

    private static async Task RunAsync(IServer server, ConfigurationOptions configuration, RedisSessionCacheOptions options, SortedSet<string> warnings)
    {
        var name = EndPointText.Of(server.EndPoint);
        if (!options.AllowAnonymous && await AnonymousAccess.IsPossibleAsync(server.EndPoint, configuration).ConfigureAwait(false))
            throw new UnfitRedisException($"Redis {name} asks for no password and is not on loopback; set requirepass or an ACL user, or Sessions:AllowAnonymous to true.");
        var info = await InfoAsync(server, "server").ConfigureAwait(false);
        RequireVersion(name, info);
        if (!options.AllowPersistence)
            await RequireNoPersistenceAsync(server, name, warnings).ConfigureAwait(false);
        if (server.IsReplica)
            return;
        WarnOfMemory(name, await InfoAsync(server, "memory").ConfigureAwait(false), warnings);
        if (info.GetValueOrDefault("redis_mode") is "cluster")
            await WarnOfClusterAsync(server, name, warnings).ConfigureAwait(false);
    }

    /// <exception cref="UnfitRedisException">It is too old; a version that is hidden, or no version, is not.</exception>
    internal static void RequireVersion(string name, IReadOnlyDictionary<string, string> info)
    {
        if (info.TryGetValue("redis_version", out var text) && Version.TryParse(text, out var version) && version < LeastVersion)
            throw new UnfitRedisException($"Redis {name} is version {version}, which has no GETDEL; use {LeastVersion} or later.");
    }

    private static async Task RequireNoPersistenceAsync(IServer server, string name, SortedSet<string> warnings)
    {
        var save = await SettingAsync(server, "save").ConfigureAwait(false);
        var appendOnly = await SettingAsync(server, "appendonly").ConfigureAwait(false);
        if (save is null || appendOnly is null)
            warnings.Add($"Redis {name} hides whether it writes to disk; make sure that it does not.");
        if (!string.IsNullOrEmpty(save) || appendOnly is "yes")
            throw new UnfitRedisException($"Redis {name} writes to disk (save '{save}', appendonly {appendOnly}); start it with --save '' --appendonly no, or set Sessions:AllowPersistence to true.");
    }

    private static void WarnOfMemory(string name, Dictionary<string, string> info, SortedSet<string> warnings)
    {
        if (!info.TryGetValue("maxmemory_policy", out var policy))
            return; // hidden, or a server that has none
        if (info.GetValueOrDefault("maxmemory") is "0")
            warnings.Add($"Redis {name} has no memory limit (maxmemory 0) and grows until the machine has none left; set maxmemory, and maxmemory-policy to volatile-lru.");
        else if (!Evicts(policy))
            warnings.Add($"Redis {name} has maxmemory-policy {policy}: once full it stores no new sessions, or drops the wrong ones; set it to volatile-lru (or another volatile- or allkeys- policy by lru, lfu or ttl).");
    }

    private static bool Evicts(string policy) =>
        policy.Split('-') is ["volatile" or "allkeys", "lru" or "lfu" or "ttl" or "lrm"];

    private static async Task WarnOfClusterAsync(IServer server, string name, SortedSet<string> warnings)
    {
        var info = Parse((string?)await AskAsync(server, "CLUSTER", "INFO").ConfigureAwait(false));
        if (info.TryGetValue("cluster_state", out var state) && state is not "ok")
            warnings.Add($"Redis {name} says cluster_state {state} ({info.GetValueOrDefault("cluster_slots_ok")} of 16384 slots served); sessions in the others are full handshakes: see redis-cli --cluster check.");
    }

    /// <summary>A setting of CONFIG GET, or null where the server hides it, as managed ones do.</summary>
    private static async Task<string?> SettingAsync(IServer server, string setting) =>
        await AskAsync(server, "CONFIG", "GET", setting).ConfigureAwait(false) is { Length: 2 } answer ? (string?)answer[1] : null;

    /// <summary>A section of INFO; empty where the server hides it.</summary>
    private static async Task<Dictionary<string, string>> InfoAsync(IServer server, string section) =>
        Parse((string?)await AskAsync(server, "INFO", section).ConfigureAwait(false));

    private static async Task<RedisResult?> AskAsync(IServer server, string command, params object[] arguments)
    {
        try
        {
            return await server.ExecuteAsync(command, arguments).ConfigureAwait(false);
        }
        catch (RedisServerException refused) when (!RedisFault.MayHaveMoved(refused))
        {
            return null; // it may not be asked that, and never will
        }
        catch (RedisCommandException)
        {
            return null; // the connection string rules the command out
        }
    }

    // A RESP3 verbatim string comes with its type before it.
    private static Dictionary<string, string> Parse(string? info) =>
        (info?.StartsWith("txt:", StringComparison.Ordinal) is true ? info[4..] : info ?? "").Split('\n', StringSplitOptions.TrimEntries)
            .Select(line => line.Split(':', 2))
            .Where(pair => pair.Length == 2)
            .DistinctBy(pair => pair[0])
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}
