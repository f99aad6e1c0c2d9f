using Microsoft.Extensions.Options;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Hosting;

namespace Reprise.KeyService.Store;

/// <summary>
/// Keeps this key service and the store in step: reads what others have changed, when they tell and at an interval; writes back what the
/// store has lost; keeps or takes the lease; begins a ledger where there is none at all.
/// </summary>
internal sealed class LedgerWatch(
    RedisLedgerStore store,
    StoreConnection connection,
    EpochKeeper epochs,
    OwnAddress address,
    AuditTrail audit,
    IOptions<StoreOptions> options,
    IOptions<KeyServiceOptions> service,
    TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_longestTurn = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_startBudget = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_leaveBudget = TimeSpan.FromSeconds(2);

    private long _heardOf;

    // The lease is kept several times before it could end.
    private TimeSpan Turn => options.Value.LeaseDuration / 5 < s_longestTurn ? options.Value.LeaseDuration / 5 : s_longestTurn;

    /// <summary>Reads what is stored before a listener opens, if the store answers soon: so that the first node is not sent away.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        budget.CancelAfter(s_startBudget);
        try
        {
            await TurnAsync(budget.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It is read when it answers.
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>Leaves the lease to others at once, rather than to its end.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        budget.CancelAfter(s_leaveBudget);
        try
        {
            await store.LeaveAsync(budget.Token);
        }
        catch (Exception fault) when (fault is LedgerStoreException or OperationCanceledException)
        {
            // It ends by itself.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            _heardOf = time.GetTimestamp();
            while (true)
            {
                var woken = address.Value is null ? Task.WhenAny(store.Woken, connection.Changed, address.Known) : Task.WhenAny(store.Woken, connection.Changed);
                await TurnAsync(stoppingToken);
                await time.DelayUntilAsync(time.GetUtcNow() + Turn, woken, stoppingToken);
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task TurnAsync(CancellationToken cancel)
    {
        try
        {
            await ReadAsync(cancel);
            if (await store.LeadAsync(address.Value, cancel))
            {
                // The former leader may have changed it between the reading and the end of its lease.
                await ReadAsync(cancel);
                audit.Record($"keyservice/{service.Value.Name}", "lead", "", AuditResult.Ok, $"from generation {epochs.Current.Generation}");
            }

            store.Say();
            if (epochs.Current.Generation == 0 && store.MayBegin)
            {
                var ledger = await epochs.BeginAsync(cancel);
                audit.Record($"keyservice/{service.Value.Name}", "begin", $"epoch {ledger.KnowsFrom}", AuditResult.Ok, "nothing is stored");
            }

            await store.ResealAsync(epochs.Current, cancel);
        }
        catch (Exception fault) when (fault is LedgerStoreException or NotLeadingException or ObjectDisposedException)
        {
            // Said by whom it concerns; the last: the ledger was changed while it was written. The next turn sees how things are.
            if (time.GetElapsedTime(_heardOf) > options.Value.LeaseDuration)
                store.Forget();
            store.Say();
        }
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        if (await store.ReadAsync(epochs.Current, cancel) is { } later)
            await epochs.FollowAsync(later, cancel);
        else
            await store.RestoreAsync(epochs.Current, cancel);
        _heardOf = time.GetTimestamp();
    }
}
