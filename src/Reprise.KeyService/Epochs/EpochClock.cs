namespace Reprise.KeyService.Epochs;

/// <summary>Retires and destroys epochs when their time has come.</summary>
internal sealed class EpochClock(EpochKeeper epochs, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = epochs.Changed;
            var ledger = epochs.Advance();
            await time.DelayUntilAsync(ledger.NextChange() ?? DateTimeOffset.MaxValue, changed, stoppingToken);
        }
    }
}
