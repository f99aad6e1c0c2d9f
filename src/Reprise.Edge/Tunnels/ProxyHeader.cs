using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Reprise.Edge.Upstreams;
using Reprise.Tls;

namespace Reprise.Edge.Tunnels;

/// <summary>
/// What a server is told of the client before its first byte: HAProxy's PROXY protocol (doc/proxy-protocol.txt of HAProxy, sections 2.1
/// and 2.2), version 2 with all that is known of the TLS connection.
/// </summary>
internal static class ProxyHeader
{
    private const byte TypeAlpn = 0x01;
    private const byte TypeAuthority = 0x02;
    private const byte TypeCrc32C = 0x03;
    private const byte TypeSsl = 0x20;
    private const byte SubtypeVersion = 0x21;
    private const byte SubtypeCommonName = 0x22;
    private const byte SubtypeCipher = 0x23;
    private const byte SubtypeSignatureAlgorithm = 0x24;
    private const byte SubtypeKeyAlgorithm = 0x25;
    private const byte ClientSsl = 0x01;
    private const byte ClientCertificateOnConnection = 0x02;
    private const byte ClientCertificateInSession = 0x04;
    private const uint NotVerified = 1; // any but 0

    public static ReadOnlyMemory<byte> Of(SentProxyProtocol version, IPEndPoint client, IPEndPoint edge, Handshake handshake)
    {
        var (source, destination) = SameFamily(client.Address, edge.Address);
        return version switch
        {
            SentProxyProtocol.V1 => Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"PROXY TCP{(source.GetAddressBytes().Length == 4 ? 4 : 6)} {source} {destination} {client.Port} {edge.Port}\r\n")),
            SentProxyProtocol.V2 => Second(source, client.Port, destination, edge.Port, handshake),
            _ => default,
        };
    }

    // An IPv6 socket has IPv4 clients under mapped addresses; where only one of the two is IPv4, both are written as IPv6.
    private static (IPAddress Source, IPAddress Destination) SameFamily(IPAddress source, IPAddress destination)
    {
        source = Plain(source);
        destination = Plain(destination);
        return source.AddressFamily == destination.AddressFamily ? (source, destination) : (source.MapToIPv6(), destination.MapToIPv6());
    }

    // Without its zone, which means nothing elsewhere.
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes());

    private static byte[] Second(IPAddress source, int sourcePort, IPAddress destination, int destinationPort, Handshake handshake)
    {
        var header = new ArrayBufferWriter<byte>(256);
        header.Write("\r\n\r\n\0\r\nQUIT\n"u8);
        var from = source.GetAddressBytes();
        header.Write((ReadOnlySpan<byte>)[0x21, (byte)(from.Length == 4 ? 0x11 : 0x21), 0, 0]); // version 2, PROXY; TCP over IPv4 or IPv6; length to come
        header.Write(from);
        header.Write(destination.GetAddressBytes());
        WriteNumber(header, (ushort)sourcePort);
        WriteNumber(header, (ushort)destinationPort);
        if (!handshake.ApplicationProtocol.IsEmpty)
            WriteTlv(header, TypeAlpn, handshake.ApplicationProtocol.Span);
        if (handshake.ServerName is { } name)
            WriteTlv(header, TypeAuthority, name);
        WriteTlv(header, TypeSsl, Ssl(handshake));
        WriteTlv(header, TypeCrc32C, stackalloc byte[sizeof(uint)]);

        var bytes = header.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(14), (ushort)(bytes.Length - 16));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(bytes.Length - sizeof(uint)), Crc32C(bytes));
        return bytes;
    }

    private static ReadOnlySpan<byte> Ssl(Handshake handshake)
    {
        var ssl = new ArrayBufferWriter<byte>(128);
        var flags = ClientSsl;
        if (handshake.Client is not null)
            flags |= handshake.Mode is ResumptionMode.Full ? (byte)(ClientCertificateOnConnection | ClientCertificateInSession) : ClientCertificateInSession;
        ssl.Write((ReadOnlySpan<byte>)[flags]);
        BinaryPrimitives.WriteUInt32BigEndian(ssl.GetSpan(sizeof(uint)), handshake.Client is null ? NotVerified : 0); // none but the verified get here
        ssl.Advance(sizeof(uint));
        WriteTlv(ssl, SubtypeVersion, handshake.Protocol is SslProtocols.Tls13 ? "TLSv1.3"u8 : "TLSv1.2"u8);
        if (handshake.Client is { } client && CommonName(client) is { } commonName)
            WriteTlv(ssl, SubtypeCommonName, commonName);
        WriteTlv(ssl, SubtypeCipher, handshake.Cipher);
        if (handshake.CertificateSignature is { } signature)
            WriteTlv(ssl, SubtypeSignatureAlgorithm, signature);
        if (handshake.CertificateKey is { } key)
            WriteTlv(ssl, SubtypeKeyAlgorithm, key);
        return ssl.WrittenSpan;
    }

    private static string? CommonName(ClientChain client)
    {
        try
        {
            // The last one is the most specific one.
            return client.Certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false)
                .Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == "2.5.4.3")
                .Select(part => part.GetSingleElementValue()).LastOrDefault();
        }
        catch (CryptographicException)
        {
            return null; // no text
        }
    }

    private static void WriteTlv(ArrayBufferWriter<byte> to, byte type, string value) => WriteTlv(to, type, Encoding.UTF8.GetBytes(value));

    private static void WriteTlv(ArrayBufferWriter<byte> to, byte type, ReadOnlySpan<byte> value)
    {
        to.Write((ReadOnlySpan<byte>)[type]);
        WriteNumber(to, (ushort)value.Length);
        to.Write(value);
    }

    private static void WriteNumber(ArrayBufferWriter<byte> to, ushort number)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to.GetSpan(sizeof(ushort)), number);
        to.Advance(sizeof(ushort));
    }

    // Of the whole header, with zeros in its own place.
    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
