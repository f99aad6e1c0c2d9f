using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Orders;

namespace Reprise.KeyService.Purges;

/// <summary>
/// Purges stored sessions: publishes a key ring with a higher purge number, then waits for the nodes to say that they obey it.
/// Published is done: what comes after is the report.
/// </summary>
internal sealed partial class Purger(
    EpochKeeper epochs, AcknowledgementWait acknowledgements, TimeProvider time, KeyServiceMetrics metrics, AuditTrail audit, ILogger<Purger> logger)
{
    /// <summary>As it is noted under an idempotency key.</summary>
    public static string Operation(string profile) => $"purge sessions of {Name(profile)}";

    /// <param name="profile">Or <see cref="PurgeNumbers.AllProfiles"/>.</param>
    /// <param name="order">Who asks.</param>
    /// <param name="cancellationToken">Ends the waiting, not the purge.</param>
    public async Task<PurgeSessionsResponse> PurgeAsync(string profile, Order order, CancellationToken cancellationToken)
    {
        var published = time.GetTimestamp();
        // Not to be cancelled: or nobody would know whether it stands.
        Command? before = null;
        var ledger = await epochs.ChangeAsync((ledger, now) =>
        {
            // Once more here: a call that was tried again may have waited behind its first try.
            if ((before = ledger.FindCommand(order.By, order.Key)) is not null)
                return ledger;
            ledger = ledger.Purge(profile, now);
            return ledger.Note(order.ToCommand(Operation(profile), ledger.Purges.Of(profile), now), now);
        }, CancellationToken.None);
        if (before is not null)
            return await AgainAsync(before.Subject, cancellationToken);
        var number = ledger.Purges.Of(profile);
        Log.Purged(logger, Name(profile), number, ledger.Generation, order.By);
        audit.Record(order.By, "purge_sessions", Name(profile), AuditResult.Ok, $"number {number}");
        PurgeSessionsResponse response;
        try
        {
            response = await ReportAsync(number, ledger.Generation, published, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            metrics.Purged("unwatched");
            throw;
        }

        metrics.Purged(response.Acknowledgements.Laggards.Count == 0 ? "complete" : "laggards");
        if (response.Acknowledgements.Laggards.Count > 0)
            Log.Laggards(logger, number, string.Join(", ", response.Acknowledgements.Laggards.Select(laggard => laggard.Node)));
        return response;
    }

    /// <summary>How a purge stands that was carried out already.</summary>
    public Task<PurgeSessionsResponse> AgainAsync(long number, CancellationToken cancellationToken) =>
        ReportAsync(number, epochs.Current.Generation, time.GetTimestamp(), cancellationToken);

    private async Task<PurgeSessionsResponse> ReportAsync(long number, long generation, long published, CancellationToken cancellationToken) => new()
    {
        Number = number,
        Generation = generation,
        Acknowledgements = await acknowledgements.ReportAsync(generation, published, cancellationToken),
    };

    private static string Name(string profile) => profile == PurgeNumbers.AllProfiles ? "all profiles" : profile;

    // Event ids 4070-4079.
    private static partial class Log
    {
        [LoggerMessage(4070, LogLevel.Information, "Stored sessions of {Profile} purged for {By}: number {Number}, generation {Generation}")]
        public static partial void Purged(ILogger logger, string profile, long number, long generation, string by);

        [LoggerMessage(4071, LogLevel.Warning, "Purge {Number}: not acknowledged by {Laggards}; they may resume what is purged until they are back")]
        public static partial void Laggards(ILogger logger, long number, string laggards);
    }
}
