using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Orders;
using Reprise.KeyService.Rotation;

namespace Reprise.KeyService.Removal;

/// <summary>
/// Removes nodes: refuses their certificates and has the keys rotated. The wish for a rotation is one change with the refusal, so
/// that a rotation follows whatever becomes of this key service.
/// </summary>
internal sealed partial class NodeRemover(EpochKeeper epochs, Rotator rotator, AuditTrail audit, ILogger<NodeRemover> logger)
{
    /// <summary>As it is noted under an idempotency key.</summary>
    public static string Operation(string node) => $"remove node {node}";

    /// <param name="node">Its name.</param>
    /// <param name="serials">Of its certificates; at least one.</param>
    /// <param name="order">Who asks.</param>
    /// <exception cref="InvalidOperationException">Too many certificates are refused.</exception>
    public async Task<RemoveNodeResponse.Types.Removed> RemoveAsync(string node, IReadOnlyCollection<string> serials, Order order)
    {
        var ledger = await epochs.ChangeAsync((ledger, now) => ledger.FindCommand(order.By, order.Key) is not null
            ? ledger
            : ledger.Remove(node, serials, now).Note(order.ToCommand(Operation(node), 0, now), now), CancellationToken.None);
        Log.Removed(logger, node, string.Join(", ", serials), order.By);
        audit.Record(order.By, "remove_node", node, AuditResult.Ok, $"serial numbers {string.Join(", ", serials)}");
        return Removed(node, ledger.Generation);
    }

    /// <summary>As it stands after a call that was carried out already.</summary>
    public RemoveNodeResponse.Types.Removed Again(string node) => Removed(node, epochs.Current.Generation);

    /// <summary>The rotation that follows, if it has not yet begun; each rotation under way before it is waited for.</summary>
    public async Task<RotationProgress?> RotationAsync(Order order, CancellationToken cancellationToken)
    {
        while (epochs.Current.RotationWanted)
        {
            var rotation = rotator.StartOrJoin(order with { Key = "" });
            await foreach (var _ in rotation.Steps.ReadAsync(cancellationToken))
            {
                if (!epochs.Current.RotationWanted)
                    return rotation;
            }
        }

        return rotator.Running;
    }

    private RemoveNodeResponse.Types.Removed Removed(string node, long generation) => new()
    {
        Node = node,
        Serials = { epochs.Current.Removed.Where(removed => removed.Node == node).Select(removed => removed.Serial) },
        Generation = generation,
    };

    // Event ids 4100-4109.
    private static partial class Log
    {
        [LoggerMessage(4100, LogLevel.Warning, "Node {Node} is removed for {By}: certificates {Serials} are refused from now on, and a rotation follows")]
        public static partial void Removed(ILogger logger, string node, string serials, string by);
    }
}
