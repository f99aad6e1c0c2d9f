using Reprise.KeyService.Epochs;

namespace Reprise.KeyService.Nodes;

/// <summary>
/// Takes over what nodes know of purges and switches by a key service before this one, wherever their streams are: so that they
/// outlive the loss of all that key services remember.
/// </summary>
internal sealed partial class NodeKnowledge(EpochKeeper epochs, ILedgerStore store, NodeRegistry nodes, ILogger<NodeKnowledge> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var changed = Task.WhenAny(nodes.Changed, store.Changed);
                foreach (var node in nodes.Snapshot().Where(node => node.Live))
                    await LearnAsync(node, stoppingToken);
                await changed.WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task LearnAsync(NodeStatus node, CancellationToken cancel)
    {
        var former = epochs.Current;
        if (!store.Leads || former.Generation == 0 || ReferenceEquals(former, former.Learn(node.HeldPurges, node.HeldSwitches, DateTimeOffset.UnixEpoch)))
            return;
        try
        {
            var learned = await epochs.ChangeAsync((ledger, now) => ledger.Learn(node.HeldPurges, node.HeldSwitches, now), cancel);
            Log.Learned(logger, node.Name, learned.Generation);
        }
        catch (Exception fault) when (fault is NotLeadingException or LedgerStoreException)
        {
            // With the next change of any kind it is tried again.
        }
    }

    // Event ids 4120-4129.
    private static partial class Log
    {
        [LoggerMessage(4120, LogLevel.Information, "Node {Node} knew of purges or switches that were unknown here: in generation {Generation}")]
        public static partial void Learned(ILogger logger, string node, long generation);
    }
}
