using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Reprise.KeyService.Nodes;

namespace Reprise.KeyService.Replicas;

/// <summary>Nodes to and from what key services tell each other of them.</summary>
internal static class SharedNodeWire
{
    public static byte[] ToBytes(NodeStatus node, ByteString instance) => new StoredNode
    {
        Metadata = node.ToWire(),
        Uses = { node.Uses },
        RecentUses = { node.RecentUses },
        Purges = { node.HeldPurges.ToWire() },
        Switches = { node.HeldSwitches.ToWire() },
        Instance = instance,
        FormerSerials = { node.FormerSerials },
    }.ToByteArray();

    /// <param name="bytes">As <see cref="ToBytes"/> made them: whoever has sealed them is believed to have been one of us.</param>
    /// <param name="node">Set on success.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SharedNode? node)
    {
        node = null;
        try
        {
            var wire = StoredNode.Parser.ParseFrom(bytes);
            if (wire.Metadata is not { ConnectedAt: { } connectedAt, LastSeen: { } lastSeen } metadata)
                return false;
            var status = new NodeStatus
            {
                Name = metadata.Name,
                Live = metadata.Live,
                ConnectedAt = connectedAt.ToDateTimeOffset(),
                LastSeen = lastSeen.ToDateTimeOffset(),
                Address = metadata.Address,
                Version = metadata.Version,
                Profiles = [.. metadata.Profiles],
                Service = metadata.Service,
                Serial = metadata.Serial,
                FormerSerials = [.. wire.FormerSerials],
                ClockOffset = metadata.ClockOffset?.ToTimeSpan(),
                Uses = [.. wire.Uses],
                RecentUses = [.. wire.RecentUses],
                Handshakes = metadata.Handshakes is { } totals ? new(totals, metadata.RecentHandshakes, metadata.RecentSpan?.ToTimeSpan() ?? TimeSpan.Zero) : null,
                HeldPurges = PurgeWire.Believable(wire.Purges),
                HeldSwitches = SwitchWire.Believable(wire.Switches),
            };
            node = new SharedNode(status, metadata.AcknowledgedGeneration, wire.Instance);
            return true;
        }
        catch (Exception fault) when (fault is InvalidProtocolBufferException or InvalidOperationException or ArgumentException)
        {
            // Dates out of range among it: of a version whose ways we do not know.
            return false;
        }
    }
}
