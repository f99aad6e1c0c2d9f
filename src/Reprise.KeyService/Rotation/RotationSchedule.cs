using Microsoft.Extensions.Options;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Orders;

namespace Reprise.KeyService.Rotation;

/// <summary>
/// Rotates where this key service leads: by interval, counted from the last activation, whoever asked for that; and at once,
/// where an epoch waits to be activated or replaced, which a key service before this one may have left so.
/// </summary>
internal sealed class RotationSchedule(EpochKeeper epochs, ILedgerStore store, Rotator rotator, IOptions<RotationOptions> options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    // Who has just begun to lead does not know all nodes yet: those of its predecessor are on their way, and a rotation without
    // them would cost their clients full handshakes.
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(2);

    private DateTimeOffset? _leadsSince;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var changed = Task.WhenAny(epochs.Changed, store.Changed);
                var due = Due();
                if (due > time.GetUtcNow())
                    await time.DelayUntilAsync(due, changed, stoppingToken);
                else if (!await RotateAsync(stoppingToken))
                    await time.DelayUntilAsync(time.GetUtcNow() + s_retry, epochs.Changed, stoppingToken);
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private DateTimeOffset Due()
    {
        _leadsSince = store.Leads ? _leadsSince ?? time.GetUtcNow() : null;
        var ledger = epochs.Current;
        if (_leadsSince is not { } since || ledger.Generation == 0)
            return DateTimeOffset.MaxValue;
        if (ledger.Active is { Condemned: true })
            return DateTimeOffset.MinValue;
        // With no active epoch left: as soon as may be.
        var due = ledger.Active is not { } active || ledger.Staged is not null || ledger.RotationWanted
            ? DateTimeOffset.MinValue
            : active.ActivatesAt!.Value + options.Value.Interval;
        return due > since + s_settling ? due : since + s_settling;
    }

    // Whether there was one, ours or another's, that has ended well.
    private async Task<bool> RotateAsync(CancellationToken cancel)
    {
        try
        {
            await foreach (var _ in rotator.StartOrJoin(Order.Schedule).Steps.ReadAsync(cancel))
            {
                // The rotation logs for itself.
            }

            return true;
        }
        catch (Exception fault) when (fault is OperationCanceledException || !cancel.IsCancellationRequested)
        {
            // Stopping; or logged where it happened, and still due.
            return false;
        }
    }
}
