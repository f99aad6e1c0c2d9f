using System.Net;
using System.Text;
using Reprise.Cli.Probe.Clients;
using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Tests.Probe.Trace;

/// <summary>What a recording holds of connections to a server that we did not write.</summary>
public sealed class WireRecordingTests
{
    [Theory]
    [InlineData("openssl", "1.2", 2, 1)]
    [InlineData("bouncycastle", "1.2", 2, 1)]
    [InlineData("openssl", "1.3", 1, 1)]
    public async Task Handshake_FullAndResumed_TellsBytesAndRoundTrips(string client, string version, int fullRoundTrips, int resumedRoundTrips)
    {
        await using var server = await OpenSslServer.StartAsync(new { node = "s_server", resumed = false, mode = "full" });
        IProbeClient probe = client == "openssl" ? new OpenSslProbeClient() : new BouncyCastleProbeClient();
        var target = new ProbeTarget(
            new IPEndPoint(IPAddress.Loopback, server.Port), "a.reprise.test", version == "1.2" ? TlsVersion.Tls12 : TlsVersion.Tls13,
            ResumptionMode.Stateless, server.Authority);
        using var full = new WireRecording(keepsContent: false, TimeProvider.System);
        using var resumed = new WireRecording(keepsContent: false, TimeProvider.System);

        using var first = await probe.ConnectAsync(target with { Recording = full }, offer: null, TestContext.Current.CancellationToken);
        using var second = await probe.ConnectAsync(target with { Recording = resumed }, first.Session, TestContext.Current.CancellationToken);

        Assert.True(second.Resumed);
        Assert.Equal((fullRoundTrips, resumedRoundTrips), (full.Handshake!.Value.RoundTrips, resumed.Handshake!.Value.RoundTrips));
        // The certificate is what a resumed handshake does without.
        Assert.InRange(resumed.Handshake.Value.BytesReceived, 50, full.Handshake.Value.BytesReceived - 500);
        Assert.InRange(resumed.Handshake.Value.BytesSent, 50, resumed.Total.BytesSent - 50);
        Assert.Equal(server.Port, full.Server!.Port);
        Assert.NotEqual(full.Client!.Port, resumed.Client!.Port);
        Assert.Empty(full.Chunks);
        Assert.Equal(0, full.KeyLog.Length);
    }

    [Fact]
    public async Task Content_WhenAskedFor_HoldsBytesMessagesAndKeyLogUntilDisposed()
    {
        await using var server = await OpenSslServer.StartAsync(new { node = "s_server", resumed = false, mode = "full" });
        var target = new ProbeTarget(
            new IPEndPoint(IPAddress.Loopback, server.Port), "a.reprise.test", TlsVersion.Tls13, ResumptionMode.Stateless, server.Authority);
        using var recording = new WireRecording(keepsContent: true, TimeProvider.System);

        using (await new OpenSslProbeClient().ConnectAsync(target with { Recording = recording }, offer: null, TestContext.Current.CancellationToken))
        {
            Assert.Equal(recording.Total.BytesSent, recording.Chunks.Where(chunk => chunk.Direction == WireDirection.Sent).Sum(chunk => chunk.Bytes.Length));
            Assert.Equal(recording.Total.BytesReceived, recording.Chunks.Where(chunk => chunk.Direction == WireDirection.Received).Sum(chunk => chunk.Bytes.Length));
            Assert.Equal([1, 2, 8, 11, 15, 20, 20], recording.Messages.Where(message => message.ContentType == TlsMessage.Handshake).Select(message => message.Bytes.Span[0]).Take(7));
            Assert.Contains("CLIENT_HANDSHAKE_TRAFFIC_SECRET ", Encoding.ASCII.GetString(recording.KeyLog), StringComparison.Ordinal);
        }

        recording.Dispose();
        Assert.Equal(0, recording.KeyLog.Length);
    }
}
