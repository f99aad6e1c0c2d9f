using System.Buffers.Binary;
using System.Net;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>struct sockaddr_in and sockaddr_in6 as the kernel reads and writes them.</summary>
internal static class SocketAddress
{
    /// <summary>Length of sockaddr_in6.</summary>
    public const int MaxLength = 28;

    /// <returns>Bytes used of <paramref name="buffer"/>.</returns>
    public static int Write(IPEndPoint endPoint, Span<byte> buffer)
    {
        buffer.Clear();
        var v6 = endPoint.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6;
        BitConverter.TryWriteBytes(buffer, (ushort)(v6 ? LibC.AF_INET6 : LibC.AF_INET));
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)endPoint.Port);
        endPoint.Address.TryWriteBytes(buffer[(v6 ? 8 : 4)..], out _);
        if (v6)
            BitConverter.TryWriteBytes(buffer[24..], (uint)endPoint.Address.ScopeId);
        return v6 ? 28 : 16;
    }

    public static IPEndPoint Read(ReadOnlySpan<byte> buffer)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(buffer[2..]);
        if (BitConverter.ToUInt16(buffer) == LibC.AF_INET)
            return new IPEndPoint(new IPAddress(buffer.Slice(4, 4)), port);
        var address = new IPAddress(buffer.Slice(8, 16), BitConverter.ToUInt32(buffer[24..]));
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
    }
}
