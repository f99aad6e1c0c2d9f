using System.Buffers.Binary;
using System.Numerics;

namespace Reprise.Tls;

internal readonly partial struct ProxyHeader
{
    private const int FixedLength = 16;
    private const byte TypeCrc32c = 0x03;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    private static ProxyHeaderStep ParseBinary(ReadOnlySpan<byte> data, out ProxyHeader header)
    {
        header = default;
        var signature = Math.Min(data.Length, Signature.Length);
        if (!data[..signature].SequenceEqual(Signature[..signature]))
            return ProxyHeaderStep.None;
        if (data.Length < FixedLength)
            return ProxyHeaderStep.NeedsInput;
        var (version, command) = (data[12] >> 4, data[12] & 0xf);
        if (version != 2 || command > 1)
            return ProxyHeaderStep.Malformed;
        var length = FixedLength + BinaryPrimitives.ReadUInt16BigEndian(data[14..]);
        if (length > MaxLength)
            return ProxyHeaderStep.Malformed;
        if (data.Length < length)
            return ProxyHeaderStep.NeedsInput; // nothing of it counts before all is there
        if (command == 0)
        {
            header = new ProxyHeader(length); // LOCAL: whatever else it holds is to be ignored
            return ProxyHeaderStep.Complete;
        }

        return ParseAddresses(data[..length], out header);
    }

    private static ProxyHeaderStep ParseAddresses(ReadOnlySpan<byte> all, out ProxyHeader header)
    {
        header = new ProxyHeader(all.Length);
        var (family, transport) = (all[13] >> 4, all[13] & 0xf);
        if (family > 3 || transport > 2)
            return ProxyHeaderStep.Malformed;
        if (family == 0 || transport == 0)
            return ProxyHeaderStep.Complete; // UNSPEC: where addresses would end is not known
        var addresses = family switch { 1 => 12, 2 => 36, _ => 216 };
        if (all.Length < FixedLength + addresses || !AreValid(all, FixedLength + addresses))
            return ProxyHeaderStep.Malformed;
        var block = all[FixedLength..];
        if (transport == 1 && family == 1)
        {
            header = new ProxyHeader(
                all.Length, v6: false, BinaryPrimitives.ReadUInt32BigEndian(block), BinaryPrimitives.ReadUInt32BigEndian(block[4..]),
                BinaryPrimitives.ReadUInt16BigEndian(block[8..]), BinaryPrimitives.ReadUInt16BigEndian(block[10..]));
        }
        else if (transport == 1 && family == 2)
        {
            header = new ProxyHeader(
                all.Length, v6: true, BinaryPrimitives.ReadUInt128BigEndian(block), BinaryPrimitives.ReadUInt128BigEndian(block[16..]),
                BinaryPrimitives.ReadUInt16BigEndian(block[32..]), BinaryPrimitives.ReadUInt16BigEndian(block[34..]));
        }

        return ProxyHeaderStep.Complete; // AF_UNIX and datagrams are allowed, and tell no address of use
    }

    /// <summary>Whether the type-length-values after the addresses fill the rest, and the checksum, where there is one, holds.</summary>
    private static bool AreValid(ReadOnlySpan<byte> all, int start)
    {
        while (start < all.Length)
        {
            if (all.Length - start < 3)
                return false;
            var value = start + 3;
            var length = BinaryPrimitives.ReadUInt16BigEndian(all[(start + 1)..]);
            if (length > all.Length - value)
                return false;
            if (all[start] == TypeCrc32c && (length != 4 || BinaryPrimitives.ReadUInt32BigEndian(all[value..]) != Crc32c(all, value)))
                return false;
            start = value + length;
        }

        return true;
    }

    /// <summary>RFC 4960 appendix B, over all with the four bytes of the checksum itself as zeros.</summary>
    private static uint Crc32c(ReadOnlySpan<byte> all, int checksum)
    {
        var crc = uint.MaxValue;
        for (var i = 0; i < all.Length; i++)
            crc = BitOperations.Crc32C(crc, i >= checksum && i < checksum + 4 ? (byte)0 : all[i]);
        return ~crc;
    }
}
