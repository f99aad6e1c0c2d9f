namespace Reprise.KeyService.Epochs;

/// <summary>Retires and destroys epochs when their time has come.</summary>
internal sealed class EpochClock(EpochKeeper epochs, TimeProvider time) : BackgroundService
{
    // What is due and cannot be done, because another leads or the store is away, is looked at again after this time.
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var changed = epochs.Changed;
                await epochs.AdvanceAsync(stoppingToken);
                var next = epochs.Current.NextChange() ?? DateTimeOffset.MaxValue;
                var now = time.GetUtcNow();
                await time.DelayUntilAsync(next > now ? next : now + s_again, changed, stoppingToken);
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }
}
