using Microsoft.Extensions.Options;
using Reprise.KeyService.Epochs;

namespace Reprise.KeyService.Rotation;

/// <summary>Rotates by interval, counted from the last activation, whoever asked for that.</summary>
internal sealed class RotationSchedule(EpochKeeper epochs, Rotator rotator, IOptions<RotationOptions> options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = epochs.Changed;
            var due = Due();
            if (due > time.GetUtcNow())
                await time.DelayUntilAsync(due, changed, stoppingToken);
            else if (!await RotateAsync(stoppingToken))
                await time.DelayUntilAsync(time.GetUtcNow() + s_retry, epochs.Changed, stoppingToken);
        }
    }

    // With no active epoch left: at once.
    private DateTimeOffset Due() => epochs.Current.Active?.ActivatesAt + options.Value.Interval ?? DateTimeOffset.MinValue;

    private async Task<bool> RotateAsync(CancellationToken cancel)
    {
        // A rotation that is running now is as good as ours.
        if (!rotator.TryStart("schedule", out var progress, out _))
            return false;
        try
        {
            await foreach (var _ in progress.ReadAllAsync(cancel))
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
