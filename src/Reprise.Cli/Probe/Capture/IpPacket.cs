using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Reprise.Cli.Probe.Capture;

/// <summary>One TCP segment (RFC 9293) in an IPv4 (RFC 791) or IPv6 (RFC 8200) packet, checksums and all.</summary>
internal static class IpPacket
{
    private const int TcpHeader = 20;
    private const byte HopLimit = 64;
    private const byte Tcp = 6;

    public static byte[] Create(IPEndPoint from, IPEndPoint to, uint sequence, uint acknowledged, TcpFlags flags, ReadOnlySpan<byte> payload)
    {
        var isV4 = from.AddressFamily == AddressFamily.InterNetwork;
        var ipHeader = isV4 ? 20 : 40;
        var packet = new byte[ipHeader + TcpHeader + payload.Length];
        var segment = packet.AsSpan(ipHeader);
        payload.CopyTo(segment[TcpHeader..]);
        WriteTcp(segment, from, to, sequence, acknowledged, flags);
        if (isV4)
            WriteV4(packet, from, to);
        else
            WriteV6(packet, from, to);
        return packet;
    }

    private static void WriteTcp(Span<byte> segment, IPEndPoint from, IPEndPoint to, uint sequence, uint acknowledged, TcpFlags flags)
    {
        BinaryPrimitives.WriteUInt16BigEndian(segment, (ushort)from.Port);
        BinaryPrimitives.WriteUInt16BigEndian(segment[2..], (ushort)to.Port);
        BinaryPrimitives.WriteUInt32BigEndian(segment[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(segment[8..], flags.HasFlag(TcpFlags.Ack) ? acknowledged : 0);
        segment[12] = TcpHeader / 4 << 4;
        segment[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(segment[14..], ushort.MaxValue); // window

        // The pseudo header of both versions of IP sums up alike: addresses, protocol, length.
        var pseudo = Sum(from.Address.GetAddressBytes()) + Sum(to.Address.GetAddressBytes()) + Tcp + (uint)segment.Length;
        BinaryPrimitives.WriteUInt16BigEndian(segment[16..], Fold(pseudo + Sum(segment)));
    }

    private static void WriteV4(Span<byte> packet, IPEndPoint from, IPEndPoint to)
    {
        packet[0] = 0x45; // version 4, five words
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        packet[6] = 0x40; // don't fragment
        packet[8] = HopLimit;
        packet[9] = Tcp;
        from.Address.TryWriteBytes(packet[12..], out _);
        to.Address.TryWriteBytes(packet[16..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], Fold(Sum(packet[..20])));
    }

    private static void WriteV6(Span<byte> packet, IPEndPoint from, IPEndPoint to)
    {
        packet[0] = 0x60; // version 6
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(packet.Length - 40));
        packet[6] = Tcp;
        packet[7] = HopLimit;
        from.Address.TryWriteBytes(packet[8..], out _);
        to.Address.TryWriteBytes(packet[24..], out _);
    }

    // RFC 1071.
    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (; bytes.Length > 1; bytes = bytes[2..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return bytes.IsEmpty ? sum : sum + ((uint)bytes[0] << 8);
    }

    private static ushort Fold(uint sum)
    {
        while (sum >> 16 != 0)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
