using System.Net;
using System.Text;
using Reprise.Edge.Profiles;
using Reprise.Edge.Upstreams;
using Reprise.KeyProtocol.Hosting;

namespace Reprise.Fuzz.Targets;

/// <summary>Addresses in configuration: what is taken is an address with a port, and is the same when written out.</summary>
internal sealed class ListenAddressTarget : FuzzTarget
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
        [.. new[] { "127.0.0.1:8443", "0.0.0.0:0", "[::]:8443", "[fe80::1%eth0]:443", "[2001:db8::1]:65535" }.Select(Encoding.UTF8.GetBytes)];

    public override void Run(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (!ListenAddress.TryParse(text, out var address))
            return;
        Require(text.Contains(':', StringComparison.Ordinal), $"'{text}' has no port");
        Require(ListenAddress.TryParse(address.ToString(), out var again) && again.Equals(address), $"'{text}' is {address}, which is {again}");
    }
}

/// <summary>Upstreams in configuration: what is taken has a host and a port.</summary>
internal sealed class TcpAddressTarget : FuzzTarget
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
        [.. new[] { "127.0.0.1:5432", "[::1]:5432", "db.internal:5432", "db:1", "[2001:db8::1]:65535" }.Select(Encoding.UTF8.GetBytes)];

    public override void Run(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (!TcpAddress.TryParse(text, out var address))
            return;
        Require(address is IPEndPoint { Port: > 0 } or DnsEndPoint { Port: > 0, Host.Length: > 0 }, $"'{text}' is {address}");
    }
}

/// <summary>Host names in configuration: what is taken is lower-case ASCII, and no more than DNS can carry.</summary>
internal sealed class HostPatternTarget : FuzzTarget
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
        [.. new[] { "shop.example", "*.shop.example", "a", "xn--bcher-kva.example", new string('a', 63) + "." + new string('b', 63) + ".example" }.Select(Encoding.UTF8.GetBytes)];

    public override void Run(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (!HostPattern.IsValid(text))
            return;
        Require(text.Length is > 0 and <= 255 && text.All(c => c is '*' or '.' or '-' or '_' || char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)), $"'{text}'");
        Require(text.LastIndexOf('*') <= 0, $"'{text}' has a star where none is allowed");
    }
}
