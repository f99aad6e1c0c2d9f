using System.Net;
using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Trace;
using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Tests.Probe.Trace;

/// <summary>Messages that are not as they should be: what a hostile server can send.</summary>
public sealed class MessageReaderTests
{
    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Read_OfMessagesCutShortOrChanged_TellsWhatItCan(string version)
    {
        await using var server = await OpenSslServer.StartAsync(new { node = "x", resumed = false, mode = "full" });
        using var recording = new WireRecording(keepsContent: true, TimeProvider.System);
        var target = new ProbeTarget(
            new IPEndPoint(IPAddress.Loopback, server.Port), "a.reprise.test", version == "1.2" ? TlsVersion.Tls12 : TlsVersion.Tls13,
            ResumptionMode.Stateless, server.Authority)
        { Recording = recording };
        using (await new OpenSslProbeClient().ConnectAsync(target, offer: null, TestContext.Current.CancellationToken))
        {
        }

        Assert.NotEmpty(recording.Messages);
        var random = new Random(5077);
        foreach (var (message, index) in recording.Messages.Select((message, index) => (message, index)))
        {
            var header = message.ContentType == TlsMessage.Handshake ? 4 : 1;
            for (var length = header; length < message.Bytes.Length; length++)
                ReadAsLast(recording, index, message.Bytes[..length].ToArray());
            for (var time = 0; time < 500; time++)
            {
                var changed = message.Bytes.ToArray();
                for (var changes = random.Next(1, 4); changes > 0; changes--)
                    changed[random.Next(changed.Length)] = (byte)random.Next(256);
                ReadAsLast(recording, index, changed);
            }
        }
    }

    private static void ReadAsLast(WireRecording recording, int index, byte[] bytes)
    {
        var (reader, meaning) = (new MessageReader(), new Meaning());
        foreach (var before in recording.Messages.Take(index))
            meaning.Of(reader.Read(before));
        var message = recording.Messages[index];

        var told = reader.Read(message with { Bytes = bytes });

        meaning.Of(told);
        Assert.Equal((message.Direction, bytes.Length), (told.Direction, told.Bytes));
    }
}
