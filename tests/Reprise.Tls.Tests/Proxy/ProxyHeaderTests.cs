using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Reprise.Tls.Tests.Proxy;

/// <summary>The parser of PROXY headers against the letter of HAProxy's proxy-protocol.txt.</summary>
public sealed class ProxyHeaderTests
{
    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n", "192.0.2.1:56324", "198.51.100.7:443")]
    [InlineData("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535", "255.255.255.255:65535")]
    [InlineData("PROXY TCP4 0.0.0.0 1.2.3.4 0 1\r\n", "0.0.0.0:0", "1.2.3.4:1")]
    [InlineData("PROXY TCP6 2001:db8::1 2001:DB8:0:0:1::7 1 2\r\n", "[2001:db8::1]:1", "[2001:db8:0:0:1::7]:2")]
    [InlineData("PROXY TCP6 ::1 :: 1 2\r\n", "[::1]:1", "[::]:2")]
    [InlineData("PROXY TCP6 2001:db8:: 1:2:3:4:5:6:7:8 1 2\r\n", "[2001:db8::]:1", "[1:2:3:4:5:6:7:8]:2")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8 1 2\r\n", "[1:2:3:4:5:6:7:0]:1", "[0:2:3:4:5:6:7:8]:2")]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.1 64:ff9b::192.0.2.2 1 2\r\n", "192.0.2.1:1", "[64:ff9b::c000:202]:2")]
    [InlineData("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
        "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535")]
    public void Parse_Line_TellsBothEnds(string line, string source, string destination)
    {
        var header = Whole(Encoding.ASCII.GetBytes(line));

        Assert.Equal((false, line.Length), (header.IsLocal, header.Length));
        Assert.Equal((IPEndPoint.Parse(source), IPEndPoint.Parse(destination)), (header.Source, header.Destination));
    }

    [Theory]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("PROXY UNKNOWN whatever it says\r\n")]
    [InlineData("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n")] // the longest line
    public void Parse_LineOfAnUnknownKind_IsLocal(string line)
    {
        var header = Whole(Encoding.ASCII.GetBytes(line));

        Assert.Equal((true, line.Length), (header.IsLocal, header.Length));
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\n")] // no CR
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\r\n")]
    [InlineData("PROXY TCP4  192.0.2.1 198.51.100.7 56324 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.7 56324\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443 \r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443 1\r\n")]
    [InlineData("PROXY TCP4 192.0.2.01 198.51.100.7 56324 443\r\n")] // octal?
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.7 056324 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.7 65536 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.7 +1 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.256 198.51.100.7 1 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2 198.51.100.7 1 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1.5 198.51.100.7 1 443\r\n")]
    [InlineData("PROXY TCP4 ::1 ::1 1 443\r\n")] // of the other family
    [InlineData("PROXY TCP6 192.0.2.1 198.51.100.7 1 443\r\n")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7 ::1 1 443\r\n")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 443\r\n")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7:8:: ::1 1 443\r\n")]
    [InlineData("PROXY TCP6 1::2::3 ::1 1 443\r\n")]
    [InlineData("PROXY TCP6 :::1 ::1 1 443\r\n")]
    [InlineData("PROXY TCP6 1: ::1 1 443\r\n")]
    [InlineData("PROXY TCP6 :1 ::1 1 443\r\n")]
    [InlineData("PROXY TCP6 ::12345 ::1 1 443\r\n")]
    [InlineData("PROXY TCP6 ::1%eth0 ::1 1 443\r\n")]
    [InlineData("PROXY TCP6 [::1] ::1 1 443\r\n")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7:192.0.2.1 ::1 1 443\r\n")]
    [InlineData("PROXY UDP4 192.0.2.1 198.51.100.7 56324 443\r\n")]
    [InlineData("PROXY \r\n")]
    [InlineData("PROXY \r")]
    public void Parse_LineThatIsNotExact_IsMalformed(string line)
    {
        var data = Encoding.ASCII.GetBytes(line + "more");

        Assert.Equal(ProxyHeaderStep.Malformed, ProxyHeader.Parse(data, out _));
    }

    [Fact]
    public void Parse_LineThatNeverEnds_IsMalformedAt107Bytes()
    {
        var data = Encoding.ASCII.GetBytes("PROXY UNKNOWN" + new string('x', 200));

        Assert.Equal(ProxyHeaderStep.NeedsInput, ProxyHeader.Parse(data.AsSpan(0, 106), out _));
        Assert.Equal(ProxyHeaderStep.Malformed, ProxyHeader.Parse(data.AsSpan(0, 107), out _));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("\x16\x03\x01\x02\x00")] // a ClientHello's record
    [InlineData("\r\n\r\nQUIT")]
    [InlineData("PROXYTCP4 ")]
    [InlineData("proxy TCP4 ")]
    public void Parse_OtherBytes_AreNone(string text) =>
        Assert.Equal(ProxyHeaderStep.None, ProxyHeader.Parse(Encoding.Latin1.GetBytes(text), out _));

    [Fact]
    public void Parse_BinaryAddresses_TellsBothEnds()
    {
        var v4 = Whole(Binary(0x21, 0x11, [192, 0, 2, 1, 198, 51, 100, 7, 0xdc, 0x04, 0x01, 0xbb]));
        var v6 = Whole(Binary(0x21, 0x21,
            [.. IPAddress.Parse("2001:db8::1").GetAddressBytes(), .. IPAddress.Parse("2001:db8::2").GetAddressBytes(), 0, 1, 0, 2]));

        Assert.Equal((IPEndPoint.Parse("192.0.2.1:56324"), IPEndPoint.Parse("198.51.100.7:443")), (v4.Source, v4.Destination));
        Assert.Equal((IPEndPoint.Parse("[2001:db8::1]:1"), IPEndPoint.Parse("[2001:db8::2]:2")), (v6.Source, v6.Destination));
    }

    [Theory]
    [InlineData(0x20, 0x00, 0)] // LOCAL
    [InlineData(0x20, 0x11, 12)] // LOCAL with what is to be skipped
    [InlineData(0x20, 0xff, 7)]
    [InlineData(0x21, 0x00, 0)] // UNSPEC
    [InlineData(0x21, 0x10, 5)]
    [InlineData(0x21, 0x01, 5)]
    [InlineData(0x21, 0x12, 12)] // UDP
    [InlineData(0x21, 0x31, 216)] // UNIX
    public void Parse_BinaryWithoutAddressesOfUse_IsLocal(byte versionAndCommand, byte family, int length)
    {
        var header = Whole(Binary(versionAndCommand, family, new byte[length]));

        Assert.Equal((true, 16 + length), (header.IsLocal, header.Length));
    }

    [Theory]
    [InlineData(0x11, 0x11, 12)] // version 1
    [InlineData(0x22, 0x11, 12)] // command 2
    [InlineData(0x21, 0x41, 12)] // family 4
    [InlineData(0x21, 0x13, 12)] // transport 3
    [InlineData(0x21, 0x11, 11)] // too short for its addresses
    [InlineData(0x21, 0x21, 35)]
    [InlineData(0x21, 0x31, 215)]
    [InlineData(0x21, 0x11, 13)] // no room for a TLV's head
    [InlineData(0x21, 0x11, 14)]
    [InlineData(0x21, 0x11, 16_369)] // longer than is read
    public void Parse_BinaryThatIsNotExact_IsMalformed(byte versionAndCommand, byte family, int length) =>
        Assert.Equal(ProxyHeaderStep.Malformed, ProxyHeader.Parse(Binary(versionAndCommand, family, new byte[length]), out _));

    [Fact]
    public void Parse_TypeLengthValues_AreSkippedIfTheyFit()
    {
        byte[] addresses = [192, 0, 2, 1, 198, 51, 100, 7, 0, 1, 0, 2];

        Assert.Equal(16 + 12 + 5 + 3, Whole(Binary(0x21, 0x11, [.. addresses, 0xe0, 0, 2, 1, 2, 0x04, 0, 0])).Length);
        Assert.Equal(ProxyHeaderStep.Malformed, ProxyHeader.Parse(Binary(0x21, 0x11, [.. addresses, 0xe0, 0, 3, 1, 2]), out _));
        Assert.Equal(ProxyHeaderStep.Malformed, ProxyHeader.Parse(Binary(0x21, 0x11, [.. addresses, 0xe0, 0xff, 0xff, 1, 2]), out _));
    }

    [Fact]
    public void Parse_Checksum_HasToHold()
    {
        byte[] addresses = [192, 0, 2, 1, 198, 51, 100, 7, 0, 1, 0, 2];
        var data = Binary(0x21, 0x11, [.. addresses, 0x03, 0, 4, 0, 0, 0, 0, 0x04, 0, 1, 7]);
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(31), Crc32c(data));

        Assert.Equal(ProxyHeaderStep.Complete, ProxyHeader.Parse(data, out _));
        for (var at = 16; at < data.Length; at++)
        {
            var changed = data.ToArray();
            changed[at] ^= 1;
            Assert.Equal(at == 28 ? ProxyHeaderStep.Complete : ProxyHeaderStep.Malformed, ProxyHeader.Parse(changed, out _)); // 28: then it is none
        }

        Assert.Equal(ProxyHeaderStep.Malformed, ProxyHeader.Parse(Binary(0x21, 0x11, [.. addresses, 0x03, 0, 3, 0, 0, 0]), out _));
    }

    /// <summary>Every shorter piece of it needs more, and what follows it does not matter.</summary>
    private static ProxyHeader Whole(byte[] data)
    {
        for (var length = 0; length < data.Length; length++)
            Assert.Equal(ProxyHeaderStep.NeedsInput, ProxyHeader.Parse(data.AsSpan(0, length), out _));
        Assert.Equal(ProxyHeaderStep.Complete, ProxyHeader.Parse(data, out var header));
        Assert.Equal(ProxyHeaderStep.Complete, ProxyHeader.Parse([.. data, 0x16, 3, 1], out var longer));
        Assert.Equal(data.Length, longer.Length);
        return header;
    }

    private static byte[] Binary(byte versionAndCommand, byte family, byte[] rest) =>
        [.. "\r\n\r\n\0\r\nQUIT\n"u8, versionAndCommand, family, (byte)(rest.Length >> 8), (byte)rest.Length, .. rest];

    // Bit by bit, as RFC 4960 has it, and unlike the parser.
    private static uint Crc32c(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1;
        }

        return ~crc;
    }
}
