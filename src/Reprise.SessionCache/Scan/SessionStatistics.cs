using Reprise.Core.Sessions;
using StackExchange.Redis;

namespace Reprise.SessionCache.Scan;

/// <summary>What lies in a store, per scope: counted by SCAN, sizes and times by sample.</summary>
/// <param name="Scopes">By <see cref="Scope.Tag"/>; most sessions first.</param>
/// <param name="Unreadable">Values that are not of this software's format.</param>
/// <param name="Cut">Whether the limit ended it: there are more.</param>
public sealed record SessionStatistics(IReadOnlyList<ScopeStatistics> Scopes, long Unreadable, bool Cut)
{
    // One of so many is asked for its size and time to live.
    private const int SampleEvery = 20;

    public long Count => Scopes.Sum(scope => scope.Count) + Unreadable;

    /// <param name="options">Where; its checks and its budgets play no part here.</param>
    /// <param name="limit">Looks at no more sessions than this.</param>
    /// <param name="now">Ages are counted to this.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">The store cannot be asked; one line says why.</exception>
    public static async Task<SessionStatistics> ReadAsync(RedisSessionCacheOptions options, long limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            var configuration = SessionStoreConnection.Configure(options);
            configuration.AbortOnConnectFail = true;
            configuration.ClientName = "reprise-cli";
            configuration.AsyncTimeout = 5000;
            var multiplexer = await ConnectionMultiplexer.ConnectAsync(configuration).ConfigureAwait(false);
            await using (multiplexer.ConfigureAwait(false))
                return await ReadAsync(multiplexer, limit, now, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is RedisException or TimeoutException or ArgumentException)
        {
            // The connection string may hold a password; the library's messages do not.
            throw new IOException($"the session store cannot be asked: {fault.Message.ReplaceLineEndings(" ")}", fault);
        }
    }

    private static async Task<SessionStatistics> ReadAsync(ConnectionMultiplexer multiplexer, long limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var database = multiplexer.GetDatabase();
        var scopes = new Dictionary<uint, ScopeTally>();
        long count = 0;
        long unreadable = 0;
        await foreach (var page in SessionScan.PagesAsync(multiplexer, cancellationToken).ConfigureAwait(false))
        {
            var samples = new List<Task>();
            foreach (var (key, header) in page)
            {
                if (count == limit)
                {
                    await Task.WhenAll(samples).ConfigureAwait(false);
                    return Sum(scopes, unreadable, cut: true);
                }

                count++;
                if (header is not { } known)
                {
                    unreadable++;
                    continue;
                }

                if (!scopes.TryGetValue(known.ScopeTag, out var tally))
                    scopes.Add(known.ScopeTag, tally = new ScopeTally());
                if (tally.Add(known, now) % SampleEvery == 1)
                    samples.Add(SampleAsync(database, key, tally));
            }

            await Task.WhenAll(samples).ConfigureAwait(false);
        }

        return Sum(scopes, unreadable, cut: false);
    }

    private static SessionStatistics Sum(Dictionary<uint, ScopeTally> scopes, long unreadable, bool cut) =>
        new([.. scopes.Select(pair => pair.Value.Sum(pair.Key)).OrderByDescending(scope => scope.Count)], unreadable, cut);

    private static async Task SampleAsync(IDatabase database, RedisKey key, ScopeTally tally)
    {
        var left = IfAllowedAsync(async () => await database.KeyTimeToLiveAsync(key).ConfigureAwait(false));
        var bytes = IfAllowedAsync(async () => await database.ExecuteAsync("MEMORY", "USAGE", key).ConfigureAwait(false) is { IsNull: false } answer ? (long)answer : (long?)null);
        tally.Sample(await bytes.ConfigureAwait(false), await left.ConfigureAwait(false));
    }

    // Not every server has the command, and not every user may give it.
    private static async Task<T?> IfAllowedAsync<T>(Func<Task<T?>> ask)
        where T : struct
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (RedisServerException)
        {
            return null;
        }
    }
}
