using System.Buffers.Binary;
using System.Net;

namespace Reprise.Tls;

/// <summary>
/// What a proxy says of a connection that it passes on: HAProxy's proxy-protocol.txt, version 1 (text) and 2 (binary). Parsed from
/// bytes that anybody may have made; nothing is allocated.
/// </summary>
internal readonly partial struct ProxyHeader
{
    /// <summary>The longest that is read, of either version; by the letter version 2 may have 65,551 bytes, of which HAProxy sends some hundred.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>Longest line of version 1, its CRLF included.</summary>
    public const int MaxLineLength = 107;

    private readonly UInt128 _source;
    private readonly UInt128 _destination;
    private readonly ushort _sourcePort;
    private readonly ushort _destinationPort;
    private readonly bool _v6;

    private ProxyHeader(int length)
    {
        Length = length;
        IsLocal = true;
    }

    private ProxyHeader(int length, bool v6, UInt128 source, UInt128 destination, ushort sourcePort, ushort destinationPort)
    {
        Length = length;
        _v6 = v6;
        _source = source;
        _destination = destination;
        _sourcePort = sourcePort;
        _destinationPort = destinationPort;
    }

    /// <summary>Bytes of the header: what the client has sent follows.</summary>
    public int Length { get; }

    /// <summary>No addresses: the proxy's own connection (a health check), or of a kind that it cannot tell.</summary>
    public bool IsLocal { get; }

    /// <summary>The client; only if not <see cref="IsLocal"/>.</summary>
    public IPEndPoint Source => EndPointOf(_source, _sourcePort);

    /// <summary>What the client has connected to; only if not <see cref="IsLocal"/>.</summary>
    public IPEndPoint Destination => EndPointOf(_destination, _destinationPort);

    /// <summary>Looks at the first bytes of a connection; may be called again with more of them.</summary>
    /// <param name="data">All that has come so far.</param>
    /// <param name="header">With <see cref="ProxyHeaderStep.Complete"/>.</param>
    public static ProxyHeaderStep Parse(ReadOnlySpan<byte> data, out ProxyHeader header)
    {
        header = default;
        if (data.IsEmpty)
            return ProxyHeaderStep.NeedsInput;
        return data[0] == Signature[0] ? ParseBinary(data, out header) : ParseLine(data, out header);
    }

    private IPEndPoint EndPointOf(UInt128 address, ushort port)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, address);
        var parsed = new IPAddress(_v6 ? bytes : bytes[12..]);
        return new IPEndPoint(parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed, port);
    }
}
