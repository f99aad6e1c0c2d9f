using System.Text;
using System.Text.RegularExpressions;
using Reprise.Cli.Certs;

namespace Reprise.Cli.Tests.Probe.Trace;

/// <summary>The file of <c>--pcap</c>, and what else a user of <c>--trace</c> sees.</summary>
[Collection("up")]
public sealed partial class CaptureTests(TracedCluster traced) : IClassFixture<TracedCluster>
{
    [Theory]
    [InlineData("1.2", "stateful")]
    [InlineData("1.2", "stateless")]
    [InlineData("1.3", "stateful")]
    [InlineData("1.3", "stateless")]
    public async Task Capture_AgainstATapOnTheWire_HasTheSameBytes(string tls, string mode)
    {
        var edges = traced.Cluster.Description.Edges;
        var file = traced.NextFile();
        var (from, to) = (new WireTap(edges[0].Tls), new WireTap(edges[1].Tls));
        var (fromPort, toPort) = (from.Address.Split(':')[1], to.Address.Split(':')[1]);
        await using (from)
        await using (to)
        {
            var run = await traced.Cluster.RunAsync("probe", "--trace", "--pcap", file, "--tls", tls, "--mode", mode, "--nodes", $"{from.Address},{to.Address}");
            Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        }

        var fields = await Tshark.RunAsync(file, [fromPort, toPort], "-T", "fields", "-e", "tcp.srcport", "-e", "tcp.dstport", "-e", "tcp.payload");
        var packets = fields.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToList();
        foreach (var (tap, port) in new[] { (from, fromPort), (to, toPort) })
        {
            var (toNode, toClient) = Assert.Single(tap.Connections);
            Assert.Equal(Convert.ToHexStringLower(toNode), Payload(packets.Where(packet => packet[1] == port)));
            // All but the node's own goodbye, which nobody waits for: one record.
            var read = Payload(packets.Where(packet => packet[0] == port));
            Assert.StartsWith(read, Convert.ToHexStringLower(toClient), StringComparison.Ordinal);
            Assert.InRange(toClient.Length - read.Length / 2, 0, 40);
        }
    }

    [Fact]
    public async Task Capture_IsTheOwnersAloneAndSoundToTshark()
    {
        var file = traced.NextFile();
        var run = await traced.Cluster.RunAsync("probe", "--trace", "--pcap", file);
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains(file, run.Out, StringComparison.Ordinal);
        Assert.Equal(OwnerFile.OwnerOnly, File.GetUnixFileMode(file));

        var ports = traced.Cluster.Description.Edges.Select(edge => edge.Tls.Split(':')[1]).ToList();
        var checksums = await Tshark.RunAsync(
            file, ports, "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-T", "fields", "-e", "ip.checksum.status", "-e", "tcp.checksum.status");
        Assert.Equal(["1\t1"], checksums.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct());
        // Nothing lost, repeated or out of order, and eight whole connections: four ways, two each.
        Assert.Empty(await Tshark.RunAsync(file, ports, "-Y", "tcp.analysis.flags || _ws.malformed"));
        Assert.Equal(8, (await Tshark.RunAsync(file, ports, "-Y", "tcp.flags.syn == 1 && tcp.flags.ack == 0")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        // Decrypted: what was asked for and answered inside TLS.
        var inside = await Tshark.RunAsync(file, ports, "-T", "fields", "-e", "http.request.uri", "-e", "http.response.code", "-Y", "http");
        Assert.Equal(8, inside.Split("/.well-known/reprise/handshake").Length - 1);
        Assert.Equal(8, inside.Split("200").Length - 1);
    }

    [Fact]
    public async Task Trace_Printed_HasNoSecretOfItsCapture()
    {
        var file = traced.NextFile();
        var table = await traced.Cluster.RunAsync("probe", "--trace", "--pcap", file);
        var json = await traced.Cluster.RunAsync("probe", "--trace", "--json", "--pcap", traced.NextFile());

        // They stand in the file as text, label, client's random and secret: one for each session of TLS 1.2, five for each connection of 1.3.
        var secrets = KeyLogLine().Matches(Encoding.Latin1.GetString(File.ReadAllBytes(file))).Select(line => line.Groups[1].Value).Distinct().ToList();
        Assert.Equal(2 + (4 * 5), secrets.Count);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret[..16], table.Out, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("CLIENT_RANDOM", table.Out + json.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("TRAFFIC_SECRET", table.Out + json.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Capture_OverAFileThatIsThere_IsRefusedBeforeAnythingIsDone()
    {
        var file = traced.NextFile();
        await File.WriteAllTextAsync(file, "somebody's", TestContext.Current.CancellationToken);

        (await traced.Cluster.RunAsync("probe", "--trace", "--pcap", file)).AssertFailed(ExitCode.CouldNotRun, file);

        Assert.Equal("somebody's", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Trace_WithACommandBetweenThatFails_SaysSo()
    {
        var run = await traced.Cluster.RunAsync("probe", "--trace", "--tls", "1.2", "--mode", "stateful", "--between", "exit 7");
        run.AssertFailed(ExitCode.CouldNotRun, "--between 'exit 7' ended with 7");
    }

    [GeneratedRegex("[A-Z_0]+ [0-9a-f]{64} ([0-9a-f]{64,96})\n")]
    private static partial Regex KeyLogLine();

    private static string Payload(IEnumerable<string[]> packets) => string.Concat(packets.Select(packet => packet.ElementAtOrDefault(2)));
}
