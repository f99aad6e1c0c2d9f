using System.Net;
using Reprise.Cli.Probe.Capture;
using Reprise.Cli.Tests.Probe.Trace;
using Reprise.Testing;
using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Tests.Probe.Capture;

/// <summary>Captures of conversations that no probe had: tshark must find nothing wrong with them.</summary>
public sealed class CaptureFileTests
{
    [Theory]
    [InlineData("127.0.0.1", "192.0.2.255")]
    [InlineData("2001:db8::1", "fe80::ffff:ffff")]
    public async Task Write_OfOddAndLongPieces_IsSoundAndComplete(string client, string server)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.File("made.pcapng");
        using var recording = new WireRecording(keepsContent: true, TimeProvider.System);
        recording.Begin(new(IPAddress.Parse(client), 40_001), new(IPAddress.Parse(server), 18_443));
        byte[] sent = [.. Enumerable.Range(0, 1).Select(value => (byte)value)];
        byte[] received = [.. Enumerable.Range(0, 100_001).Select(value => (byte)(value * 7))];
        recording.Passed(WireDirection.Sent, sent);
        recording.Passed(WireDirection.Received, received);
        recording.Passed(WireDirection.Sent, sent);

        await using (var capture = CaptureFile.Create(file))
            capture.Write(recording);

        var ip = client.Contains(':') ? "ipv6.addr" : "ip.addr";
        Assert.NotEmpty(await Tshark.RunAsync(file, [], "-Y", $"{ip} == {client} && {ip} == {server}"));
        Assert.Empty(await Tshark.RunAsync(file, [], "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y", "tcp.checksum.status == 0 || ip.checksum.status == 0 || _ws.malformed || tcp.analysis.lost_segment"));
        Assert.Equal(Convert.ToHexStringLower([.. sent, .. sent]), await PayloadAsync(file, "tcp.srcport == 40001"));
        Assert.Equal(Convert.ToHexStringLower(received), await PayloadAsync(file, "tcp.srcport == 18443"));
    }

    private static async Task<string> PayloadAsync(string file, string filter) =>
        (await Tshark.RunAsync(file, [], "-Y", filter, "-T", "fields", "-e", "tcp.payload")).Replace("\n", "", StringComparison.Ordinal);
}
