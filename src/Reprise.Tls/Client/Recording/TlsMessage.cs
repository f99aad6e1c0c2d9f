namespace Reprise.Tls.Client.Recording;

/// <summary>One message of the handshake, an alert or a ChangeCipherSpec, in the clear.</summary>
/// <param name="Direction">Which way it went.</param>
/// <param name="At">Time since the TCP connection stood.</param>
/// <param name="ContentType">As in a record's header: 20 ChangeCipherSpec, 21 alert, 22 handshake.</param>
/// <param name="Bytes">With its own header (handshake: type and length), without the record's.</param>
public sealed record TlsMessage(WireDirection Direction, TimeSpan At, byte ContentType, ReadOnlyMemory<byte> Bytes)
{
    public const byte ChangeCipherSpec = 20;
    public const byte Alert = 21;
    public const byte Handshake = 22;
}
