using Google.Protobuf;

namespace Reprise.Core.Sessions;

/// <summary>The application data of a ticket, which is sealed with it.</summary>
/// <param name="Metadata">Age, issuer, epoch, version.</param>
/// <param name="ClientRest">
/// The certificates between the client's own and the root, DER after DER; empty for an anonymous client, or where there are none.
/// </param>
public readonly record struct TicketState(SessionMetadata Metadata, ReadOnlyMemory<byte> ClientRest)
{
    private const int LongestClientRest = 64 * 1024;

    public byte[] ToBytes()
    {
        if (ClientRest.IsEmpty)
            return Metadata.ToBytes();
        var wire = Metadata.ToWire();
        wire.ClientRest = ByteString.CopyFrom(Deflated.Of(ClientRest.Span));
        wire.ClientRestLength = (uint)ClientRest.Length;
        return wire.ToByteArray();
    }

    /// <summary>Parses what <see cref="ToBytes"/> made. False for anything else; never throws.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out TicketState state)
    {
        state = default;
        try
        {
            var wire = V1.SessionMetadata.Parser.ParseFrom(bytes);
            if (wire.ClientRestLength > LongestClientRest || !SessionMetadata.TryFromWire(wire, out var metadata))
                return false;
            var rest = wire.ClientRestLength > 0 ? new byte[wire.ClientRestLength] : [];
            if (rest.Length > 0 && !Deflated.TryInflate(wire.ClientRest.Span, rest))
                return false;
            state = new TicketState(metadata, rest);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }
}
