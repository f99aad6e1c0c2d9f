using Microsoft.Extensions.Options;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Rotation;

namespace Reprise.KeyService.Purges;

/// <summary>
/// Purges stored sessions: publishes a key ring with a higher purge number, then waits for the nodes to say that they obey it.
/// Published is done: what comes after is the report.
/// </summary>
internal sealed partial class Purger(
    EpochKeeper epochs,
    NodeRegistry nodes,
    IOptions<RotationOptions> options,
    TimeProvider time,
    KeyServiceMetrics metrics,
    IHostApplicationLifetime lifetime,
    ILogger<Purger> logger)
{
    /// <param name="profile">Or <see cref="PurgeNumbers.AllProfiles"/>.</param>
    /// <param name="by">Who asks, for the log.</param>
    /// <param name="cancellationToken">Ends the waiting, not the purge.</param>
    public async Task<PurgeSessionsResponse> PurgeAsync(string profile, string by, CancellationToken cancellationToken)
    {
        var published = time.GetTimestamp();
        var ledger = epochs.Purge(profile);
        var number = ledger.Purges.Of(profile);
        Log.Purged(logger, profile == PurgeNumbers.AllProfiles ? "all profiles" : profile, number, ledger.Generation, by);

        var known = await AcknowledgedAsync(ledger.Generation, cancellationToken);
        var response = new PurgeSessionsResponse
        {
            Number = number,
            Generation = ledger.Generation,
            Milliseconds = time.GetElapsedTime(published).TotalMilliseconds,
        };
        foreach (var node in known)
        {
            var report = new PurgeSessionsResponse.Types.NodeReport { Node = node.Name };
            if (node.AcknowledgedAt(ledger.Generation) is { } at)
                report.Milliseconds = Math.Max(0, time.GetElapsedTime(published, at).TotalMilliseconds);
            else
                response.Laggards.Add(new PurgeSessionsResponse.Types.Laggard { Node = node.Name, Reason = node.Live ? LaggardReason.Deadline : LaggardReason.Disconnected });
            response.Nodes.Add(report);
        }

        metrics.Purged(response.Laggards.Count == 0 ? "complete" : "laggards");
        if (response.Laggards.Count > 0)
            Log.Laggards(logger, number, string.Join(", ", response.Laggards.Select(laggard => laggard.Node)));
        return response;
    }

    // The nodes that were live at some time, as they are when all of them have acknowledged, or at the deadline.
    private async Task<IReadOnlyList<NodeStatus>> AcknowledgedAsync(long generation, CancellationToken cancellationToken)
    {
        var awaited = new HashSet<string>(StringComparer.Ordinal);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var deadline = Task.Delay(options.Value.AcknowledgeTimeout, time, waiting.Token);
        while (true)
        {
            var changed = nodes.Changed;
            var snapshot = nodes.Snapshot();
            awaited.UnionWith(snapshot.Where(node => node.Live).Select(node => node.Name));
            if (deadline.IsCompleted || snapshot.All(node => !node.Live || node.AcknowledgedGeneration >= generation))
            {
                await waiting.CancelAsync();
                return [.. snapshot.Where(node => awaited.Contains(node.Name))];
            }

            await Task.WhenAny(changed, deadline);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    // Event ids 4070-4069.
    private static partial class Log
    {
        [LoggerMessage(4070, LogLevel.Information, "Stored sessions of {Profile} purged for {By}: number {Number}, generation {Generation}")]
        public static partial void Purged(ILogger logger, string profile, long number, long generation, string by);

        [LoggerMessage(4071, LogLevel.Warning, "Purge {Number}: not acknowledged by {Laggards}; they may resume what is purged until they are back")]
        public static partial void Laggards(ILogger logger, long number, string laggards);
    }
}
