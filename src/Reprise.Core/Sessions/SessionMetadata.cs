using Google.Protobuf;

namespace Reprise.Core.Sessions;

/// <summary>
/// What travels with a session beside OpenSSL's own state: in the record of a stored session, and as the
/// application data of a ticket (so it is sealed with it).
/// </summary>
/// <param name="OriginalHandshake">Time of the full handshake; survives every renewal. Whole seconds on the wire.</param>
/// <param name="Issuer">The node that made this session or ticket.</param>
/// <param name="Epoch">The epoch that it was sealed under.</param>
/// <param name="TlsVersion">As on the wire: 0x0303, 0x0304.</param>
public readonly record struct SessionMetadata(DateTimeOffset OriginalHandshake, string Issuer, long Epoch, ushort TlsVersion)
{
    /// <summary>Age of the session since its full handshake; never negative.</summary>
    public TimeSpan AgeAt(DateTimeOffset now) => now > OriginalHandshake ? now - OriginalHandshake : TimeSpan.Zero;

    public byte[] ToBytes() => ToWire().ToByteArray();

    /// <summary>Parses what <see cref="ToBytes"/> made. False for anything else; never throws.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out SessionMetadata metadata)
    {
        metadata = default;
        try
        {
            return TryFromWire(V1.SessionMetadata.Parser.ParseFrom(bytes), out metadata);
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    internal V1.SessionMetadata ToWire() => new()
    {
        OriginalHandshakeUnixSeconds = OriginalHandshake.ToUnixTimeSeconds(),
        Issuer = Issuer,
        Epoch = Epoch,
        TlsVersion = TlsVersion,
    };

    internal static bool TryFromWire(V1.SessionMetadata? wire, out SessionMetadata metadata)
    {
        metadata = default;
        if (wire is null || wire.OriginalHandshakeUnixSeconds is < 0 or > 253_402_300_799 || wire.TlsVersion is not (0x0303 or 0x0304))
            return false;
        metadata = new SessionMetadata(
            DateTimeOffset.FromUnixTimeSeconds(wire.OriginalHandshakeUnixSeconds), wire.Issuer, wire.Epoch, (ushort)wire.TlsVersion);
        return true;
    }
}
