using Reprise.Core.Sessions;
using Reprise.Redis;
using StackExchange.Redis;

namespace Reprise.SessionCache.Scan;

/// <summary>
/// Gives the memory of purged sessions back to the store. Safety does not hang on it: what is purged does not open. So one node
/// of the cluster sweeps for each purge, and one that ends on the way costs memory until the sessions' time is over, no more.
/// </summary>
public sealed class SessionSweep(RedisSessionCache store, TimeProvider time)
{
    private const string ClaimPrefix = "reprise:sweep:";

    private static readonly TimeSpan ClaimLife = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <param name="number">The purge; one node gets to sweep for it.</param>
    /// <param name="claimed">Whether this node has got it already, in a sweep that failed.</param>
    /// <param name="purged">Whether a session that says this of itself is to be removed.</param>
    /// <param name="cancellationToken">Ends it on the way.</param>
    public async Task<SweepResult> RunAsync(long number, bool claimed, Func<SealedSessionHeader, bool> purged, CancellationToken cancellationToken)
    {
        long seen = 0;
        long removed = 0;
        if (store.Multiplexer is not { } multiplexer)
            return new SweepResult(SweepEnd.Failed, claimed, seen, removed);
        try
        {
            var database = multiplexer.GetDatabase();
            // The hash tag keeps one node of a Redis Cluster from having to hold them all.
            claimed = claimed || await database.StringSetAsync($"{ClaimPrefix}{{{number}}}", Environment.MachineName, ClaimLife, When.NotExists).ConfigureAwait(false);
            if (!claimed)
                return new SweepResult(SweepEnd.Others, claimed, seen, removed);
            await foreach (var page in SessionScan.PagesAsync(multiplexer, cancellationToken).ConfigureAwait(false))
            {
                seen += page.Count;
                var deletions = page.Where(session => session.Header is { } header && purged(header)).Select(session => database.KeyDeleteAsync(session.Key)).ToList();
                removed += (await Task.WhenAll(deletions).ConfigureAwait(false)).Count(deleted => deleted);
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            }

            return new SweepResult(SweepEnd.Done, claimed, seen, removed);
        }
        catch (Exception fault) when (RedisFault.IsExpected(fault) && !cancellationToken.IsCancellationRequested)
        {
            return new SweepResult(SweepEnd.Failed, claimed, seen, removed, fault.Message);
        }
    }
}
