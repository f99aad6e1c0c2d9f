using Google.Protobuf.WellKnownTypes;
using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Nodes;

/// <summary>A node as it is told of: to operators, and to other key services.</summary>
internal static class NodeWire
{
    /// <summary>All but what depends on the ledger of the moment.</summary>
    public static NodeMetadata ToWire(this NodeStatus node) => new()
    {
        Name = node.Name,
        Live = node.Live,
        AcknowledgedGeneration = node.AcknowledgedGeneration,
        ConnectedAt = node.ConnectedAt.ToTimestamp(),
        LastSeen = node.LastSeen.ToTimestamp(),
        Address = node.Address,
        Version = node.Version,
        Profiles = { node.Profiles },
        Service = node.Service,
        Serial = node.Serial,
        ClockOffset = node.ClockOffset is { } offset ? Duration.FromTimeSpan(offset) : null,
        Handshakes = node.Handshakes?.Totals,
        RecentHandshakes = node.Handshakes?.Recent,
        RecentSpan = node.Handshakes is { Recent: not null, Span: var span } ? Duration.FromTimeSpan(span) : null,
    };
}
