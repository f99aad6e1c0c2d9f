using Reprise.Core.Keys;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Epochs;

namespace Reprise.KeyService.Nodes;

/// <summary>
/// Takes over what nodes know of purges and switches by a key service before this one, wherever their streams are: so that they
/// outlive the loss of all that key services remember.
/// </summary>
/// <remarks>
/// Only while the ledger is young: at any other time it knows better, and a node in other hands must not order by these means what is an
/// admin's to order. What was learned is audited.
/// </remarks>
internal sealed partial class NodeKnowledge(
    EpochKeeper epochs, ILedgerStore store, NodeRegistry nodes, AuditTrail audit, TimeProvider time, ILogger<NodeKnowledge> logger) : BackgroundService
{
    // By then every node that lives has come back.
    private static readonly TimeSpan s_youth = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var changed = Task.WhenAny(nodes.Changed, store.Changed);
                foreach (var node in nodes.Snapshot().Where(node => node.Live))
                    await LearnAsync(node.Name, node.HeldPurges, node.HeldSwitches, stoppingToken);
                await changed.WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    /// <summary>
    /// What one node knows. Where this key service leads, that is before the node's first ring goes out: a purge that is ordered from
    /// then on has a number above all that the node holds.
    /// </summary>
    public Task LearnAsync(string node, PurgeNumbers purges, ResumptionSwitches switches, CancellationToken cancellationToken)
    {
        var former = epochs.Current;
        var news = store.Leads && IsYoung(former) && !ReferenceEquals(former, former.Learn(purges, switches, DateTimeOffset.UnixEpoch));
        return news ? CommitAsync(node, purges, switches, cancellationToken) : Task.CompletedTask;
    }

    private async Task CommitAsync(string node, PurgeNumbers purges, ResumptionSwitches switches, CancellationToken cancel)
    {
        try
        {
            var learned = await epochs.ChangeAsync((ledger, now) => ledger.Learn(purges, switches, now), cancel);
            Log.Learned(logger, node, learned.Generation);
            audit.Record($"edge/{node}", "tell", "", AuditResult.Ok, "purges or switches from before this ledger began");
        }
        catch (Exception fault) when (fault is NotLeadingException or LedgerStoreException)
        {
            // With the next change of any kind it is tried again.
        }
    }

    private bool IsYoung(EpochLedger ledger) =>
        ledger.Generation > 0 && (time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(ledger.KnowsFrom)).Duration() < s_youth;

    // Event ids 4120-4129.
    private static partial class Log
    {
        [LoggerMessage(4120, LogLevel.Information, "Node {Node} knew of purges or switches that were unknown here: in generation {Generation}")]
        public static partial void Learned(ILogger logger, string node, long generation);
    }
}
