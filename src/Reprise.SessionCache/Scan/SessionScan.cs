using System.Runtime.CompilerServices;
using Reprise.Core.Sessions;
using StackExchange.Redis;

namespace Reprise.SessionCache.Scan;

/// <summary>
/// Goes through the sessions of a Redis by SCAN, on every master, page by page: each page is a few short commands, so that
/// handshakes on the same server do not wait. What is stored or removed meanwhile may be seen or not; some may be seen twice.
/// </summary>
internal static class SessionScan
{
    /// <summary>Keys per page.</summary>
    public const int PageSize = 200;

    /// <exception cref="RedisException">It cannot be asked; so can <see cref="TimeoutException"/>.</exception>
    public static async IAsyncEnumerable<IReadOnlyList<StoredSession>> PagesAsync(
        IConnectionMultiplexer multiplexer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var database = multiplexer.GetDatabase();
        foreach (var master in multiplexer.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
        {
            var page = new List<RedisKey>(PageSize);
            await foreach (var key in master.KeysAsync(database.Database, SessionKey.Pattern, PageSize).WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                page.Add(key);
                if (page.Count < PageSize)
                    continue;
                yield return await ReadAsync(database, page).ConfigureAwait(false);
                page.Clear();
            }

            if (page.Count > 0)
                yield return await ReadAsync(database, page).ConfigureAwait(false);
        }
    }

    private static async Task<IReadOnlyList<StoredSession>> ReadAsync(IDatabase database, List<RedisKey> keys)
    {
        var sessions = await Task.WhenAll(keys.Select(key => ReadAsync(database, key))).ConfigureAwait(false);
        return [.. sessions.OfType<StoredSession>()];
    }

    /// <returns>Null if it has been used, or has expired, since it was seen.</returns>
    private static async Task<StoredSession?> ReadAsync(IDatabase database, RedisKey key)
    {
        try
        {
            var start = (byte[]?)await database.StringGetRangeAsync(key, 0, SealedSessionHeader.Length - 1).ConfigureAwait(false);
            return start is { Length: > 0 } && !SpentMark.Is(start) ? new StoredSession(key, SealedSessionHeader.TryRead(start, out var header) ? header : null) : null;
        }
        catch (RedisServerException fault) when (fault.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            return new StoredSession(key, null); // somebody else's
        }
    }
}
