using Reprise.Conformance.Tests.Peers;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Conformance.Tests.Hostile;

/// <summary>Connections that are cut, chopped, or asked for what is refused.</summary>
[Collection(HostileNode.Collection)]
public sealed class ConnectionTests(HostileNode hostile)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connection_EndedAtEachStage_LeavesNothingBehind(bool reset)
    {
        foreach (var hello in new[] { Hello.Tls12(EdgeSettings.Stateful).Record(), Hello.Tls13(EdgeSettings.Stateful).Record() })
        {
            for (var sent = 0; sent <= hello.Length; sent += 1 + hello.Length / 12)
                await EndAsync(hello[..sent], awaitAnswer: false);
            await EndAsync(hello, awaitAnswer: false);
            await EndAsync(hello, awaitAnswer: true);
        }

        await hostile.AssertUnharmedAsync();

        async Task EndAsync(byte[] bytes, bool awaitAnswer)
        {
            using var connection = await RawConnection.OpenAsync(hostile.Node);
            await connection.SendAsync(bytes);
            if (awaitAnswer)
                Assert.Equal(Outcome.Answered, (await connection.OutcomeAsync()).Text);
            if (reset)
                connection.Reset();
        }
    }

    [Theory]
    [InlineData(SessionKind.Tls12SessionId)]
    [InlineData(SessionKind.Tls12Ticket)]
    [InlineData(SessionKind.Tls13Handle)]
    [InlineData(SessionKind.Tls13Ticket)]
    public async Task Handshakes_ArrivingByteByByte_AreFullAndResumed(SessionKind kind)
    {
        await using var relay = TcpRelay.Start(hostile.Node.Tls);
        relay.ChunkToTarget = 1;
        using var files = new TemporaryDirectory();

        var visits = await new OpenSslPeer().VisitAsync(new PeerTarget(relay, kind, hostile.World.CaFile, hostile.File("pki/site.crt"), files.Path));

        Assert.Equal([false, true, true], visits.Select(visit => visit.Resumed));
        await hostile.AssertUnharmedAsync();
    }

    // RFC 5246 section 7.2.2: no_renegotiation is a warning, and the client may go on as it was; openssl does not.
    [Fact]
    public async Task Renegotiation_ByTheClient_IsRefused()
    {
        var output = await Program.RunAsync(
            "openssl", ["s_client", "-connect", hostile.Node.Tls, "-servername", EdgeSettings.Stateless, "-tls1_2", "-CAfile", hostile.World.CaFile, "-msg"], "R\n");

        Assert.Contains("RENEGOTIATING", output, StringComparison.Ordinal);
        Assert.Contains("warning no_renegotiation", output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'), line => line.Contains("<<<", StringComparison.Ordinal) && line.Contains(", ServerHello", StringComparison.Ordinal) && !line.Contains("Done", StringComparison.Ordinal));
        await hostile.AssertUnharmedAsync();
    }

    // RFC 7507: from a client that is too low by its own will, as one pushed there by an attacker.
    [Fact]
    public async Task Fallback_WithTls13OnBothSides_IsInappropriate()
    {
        var visit = await hostile.Node.VisitAsync("1.2", EdgeSettings.Stateless, arguments: ["-fallback_scsv"]);

        Assert.Equal(HandshakeKind.None, visit.Kind);
        Assert.Contains("inappropriate fallback", visit.Client.Output, StringComparison.Ordinal);
        await hostile.AssertUnharmedAsync();
    }

    [Theory]
    [InlineData("-tls1")]
    [InlineData("-tls1_1")]
    public async Task Client_OfAnOlderVersion_IsToldSo(string version)
    {
        // Debian's own configuration would keep openssl from saying it.
        var output = await Program.RunAsync(
            "openssl", ["s_client", "-connect", hostile.Node.Tls, "-servername", EdgeSettings.Stateless, version, "-cipher", "DEFAULT@SECLEVEL=0"]);

        Assert.Contains("alert protocol version", output, StringComparison.Ordinal);
        await hostile.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Clients_InAFlood_LeaveNothingBehind()
    {
        var hello = Hello.Tls13(EdgeSettings.Stateful).Record();
        for (var round = 0; round < 10; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
            {
                using var connection = await RawConnection.OpenAsync(hostile.Node);
                await connection.SendAsync(hello[..(i * hello.Length / 99)]);
                if (i % 3 == 0)
                    connection.Reset();
            }));
        }

        await hostile.AssertUnharmedAsync();
    }
}
