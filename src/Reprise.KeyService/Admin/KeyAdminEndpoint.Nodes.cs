using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Removal;

namespace Reprise.KeyService.Admin;

// Nodes, RemoveNode.
internal sealed partial class KeyAdminEndpoint
{
    // Twice the longest interval of heartbeats.
    private static readonly TimeSpan s_silent = TimeSpan.FromMinutes(2);

    public override Task<NodesResponse> Nodes(NodesRequest request, ServerCallContext context)
    {
        var now = time.GetUtcNow();
        var ledger = epochs.Current;
        var behindFor = now - epochs.PublishedAt;
        return Task.FromResult(new NodesResponse
        {
            Service = options.Value.Name,
            Generation = ledger.Generation,
            Nodes = { nodes.Snapshot().Select(node => Describe(node, ledger, behindFor, now)) },
            Now = now.ToTimestamp(),
        });
    }

    public override async Task RemoveNode(RemoveNodeRequest request, IServerStreamWriter<RemoveNodeResponse> responseStream, ServerCallContext context)
    {
        var order = Begin(context, request.IdempotencyKey, NodeRemover.Operation(request.Node), out var before);
        var known = nodes.Snapshot().FirstOrDefault(node => node.Name == request.Node);
        if (before is null && known is null)
            throw AdminError.NotFound("no node of this name was ever seen; see Nodes");
        var removed = before is null ? await remover.RemoveAsync(known!.Name, nodes.SerialsOf(known.Name), order) : remover.Again(request.Node);
        await responseStream.WriteAsync(new() { Removed = removed }, context.CancellationToken);
        if (await remover.RotationAsync(order, context.CancellationToken) is not { } rotation)
            return;
        await foreach (var step in rotation.Steps.ReadAsync(context.CancellationToken))
            await responseStream.WriteAsync(new() { Rotation = step }, context.CancellationToken);
    }

    /// <summary>As operators are told of it.</summary>
    internal static NodeMetadata Describe(NodeStatus node, EpochLedger ledger, TimeSpan behindFor, DateTimeOffset now)
    {
        var metadata = node.ToWire();
        if (!node.Live || node.AcknowledgedGeneration < ledger.Generation)
            metadata.Lag = Duration.FromTimeSpan(behindFor > TimeSpan.Zero ? behindFor : TimeSpan.Zero);
        metadata.Removed = ledger.IsRemoved(node.Serial);
        // Of one that has stopped telling, nobody knows how it does now.
        if (!node.Live || now - node.LastSeen > s_silent)
            (metadata.RecentHandshakes, metadata.RecentSpan) = (null, null);
        return metadata;
    }
}
