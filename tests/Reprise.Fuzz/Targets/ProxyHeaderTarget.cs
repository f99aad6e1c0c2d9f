using System.Text;
using Reprise.Tls;

namespace Reprise.Fuzz.Targets;

/// <summary>PROXY headers: what was said of a beginning holds whatever follows, and a header is never longer than what has come.</summary>
internal sealed class ProxyHeaderTarget : FuzzTarget
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n\x16"u8.ToArray(),
        "PROXY TCP6 2001:db8::1 ::ffff:192.0.2.1 1 65535\r\n\x16"u8.ToArray(),
        "PROXY TCP6 ::1 1:2:3:4:5:6:7:: 1 65535\r\n"u8.ToArray(),
        "PROXY UNKNOWN\r\n"u8.ToArray(),
        Binary(0x20, 0x00, []),
        Binary(0x21, 0x11, [192, 0, 2, 1, 198, 51, 100, 7, 0, 1, 0, 2]),
        Binary(0x21, 0x11, [192, 0, 2, 1, 198, 51, 100, 7, 0, 1, 0, 2, 0x04, 0, 2, 1, 2, 0xe0, 0, 0]),
        Binary(0x21, 0x11, [192, 0, 2, 1, 198, 51, 100, 7, 0, 1, 0, 2, 0x03, 0, 4, 1, 2, 3, 4]),
        Binary(0x21, 0x21, new byte[36]),
        Binary(0x21, 0x31, new byte[216]),
        Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"),
    ];

    public override void Run(byte[] input)
    {
        var step = ProxyHeader.Parse(input, out var header);
        var later = ProxyHeader.Parse([.. input, 0], out var same);
        switch (step)
        {
            case ProxyHeaderStep.NeedsInput:
                Require(input.Length < ProxyHeader.MaxLength, "it never has enough");
                break;
            case ProxyHeaderStep.Complete:
                Require(header.Length is > 0 and <= ProxyHeader.MaxLength && header.Length <= input.Length, $"a length of {header.Length} in {input.Length}");
                Require(later is ProxyHeaderStep.Complete && same.Length == header.Length, "what follows it changes it");
                Require(ProxyHeader.Parse(input.AsSpan(0, header.Length - 1), out _) is ProxyHeaderStep.NeedsInput, "it was complete before its end");
                if (!header.IsLocal)
                    Require($"{header.Source} {header.Destination}".Length > 0, "no address");
                break;
            default:
                Require(later == step, $"{step} becomes {later}");
                break;
        }
    }

    private static byte[] Binary(byte versionAndCommand, byte family, byte[] rest) =>
        [.. "\r\n\r\n\0\r\nQUIT\n"u8, versionAndCommand, family, (byte)(rest.Length >> 8), (byte)rest.Length, .. rest];
}
