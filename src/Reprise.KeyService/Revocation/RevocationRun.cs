using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Orders;
using Reprise.KeyService.Rotation;
using EpochState = Reprise.Core.Keys.EpochState;

namespace Reprise.KeyService.Revocation;

/// <summary>
/// One revocation: the epoch is destroyed at once, or condemned where it is the active one, and then destroyed by the rotation
/// that replaces it. Condemned is done: whatever becomes of this key service, the next one finishes it.
/// </summary>
internal sealed class RevocationRun(
    EpochKeeper epochs, Rotator rotator, AcknowledgementWait acknowledgements, TimeProvider time, Steps<RevokeResponse> steps)
{
    /// <summary>As it is noted under an idempotency key.</summary>
    public static string Operation(long epoch, bool purgeSessions) => purgeSessions ? $"revoke {epoch} and purge sessions" : $"revoke {epoch}";

    /// <exception cref="EpochDestroyedException">It is destroyed, or was never there.</exception>
    public async Task<RevokeResponse.Types.Done> RunAsync(long epoch, bool purgeSessions, Order order, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var purge = 0L;
        var ledger = await epochs.ChangeAsync((ledger, now) =>
        {
            if (ledger.FindCommand(order.By, order.Key) is { } before)
            {
                purge = before.Subject;
                return ledger;
            }

            if (ledger.Find(epoch) is null or { State: EpochState.Destroyed })
                throw new EpochDestroyedException(epoch);
            ledger = ledger.Revoke(epoch, now);
            if (ledger.Find(epoch) is { State: EpochState.Active } && ledger.Staged is null)
                ledger = ledger.Stage(now, epochs.Lives, EpochSecret.Create(), crowdOut: true);
            if (purgeSessions)
                ledger = ledger.Purge(PurgeNumbers.AllProfiles, now);
            purge = purgeSessions ? ledger.Purges.All : 0;
            return ledger.Note(order.ToCommand(Operation(epoch, purgeSessions), purge, now), now);
        }, cancel);
        return await FinishAsync(ledger, epoch, purge, order, started, cancel);
    }

    /// <summary>Goes on with one that a key service before this one has begun, or reports of one that is done.</summary>
    public Task<RevokeResponse.Types.Done> ResumeAsync(long epoch, long purge, Order order, CancellationToken cancel) =>
        FinishAsync(epochs.Current, epoch, purge, order, time.GetTimestamp(), cancel);

    private async Task<RevokeResponse.Types.Done> FinishAsync(EpochLedger ledger, long epoch, long purge, Order order, long started, CancellationToken cancel)
    {
        while (ledger.Find(epoch) is { State: not EpochState.Destroyed })
        {
            try
            {
                await foreach (var step in rotator.StartOrJoin(order with { Key = "" }).Steps.ReadAsync(cancel))
                {
                    Relay(step);
                    if (epochs.Current.Find(epoch) is null or { State: EpochState.Destroyed })
                        break;
                }
            }
            catch (RotationRevokedException)
            {
                // The successor was revoked too: another is staged.
            }

            ledger = epochs.Current;
        }

        var sealing = ledger.SealingAt(time.GetUtcNow())?.Number ?? 0;
        steps.Tell(new() { Revoked = new() { Epoch = epoch, Generation = ledger.Generation, Sealing = sealing, Purge = purge } });
        var done = new RevokeResponse.Types.Done
        {
            Epoch = epoch,
            Generation = ledger.Generation,
            Acknowledgements = await acknowledgements.ReportAsync(ledger.Generation, started, cancel, (node, after) =>
                steps.Tell(new() { Acknowledged = new() { Node = node, Milliseconds = after, Generation = ledger.Generation } })),
            Milliseconds = time.GetElapsedTime(started).TotalMilliseconds,
        };
        steps.Tell(new() { Done = done });
        return done;
    }

    private void Relay(RotateResponse step)
    {
        switch (step.ProgressCase)
        {
            case RotateResponse.ProgressOneofCase.Staged:
                steps.Tell(new() { Staged = step.Staged });
                break;
            case RotateResponse.ProgressOneofCase.Acknowledged:
                steps.Tell(new() { Acknowledged = step.Acknowledged });
                break;
            case RotateResponse.ProgressOneofCase.Laggard:
                steps.Tell(new() { Laggard = step.Laggard });
                break;
            default:
                // Its end is told in this call's own words.
                break;
        }
    }
}
