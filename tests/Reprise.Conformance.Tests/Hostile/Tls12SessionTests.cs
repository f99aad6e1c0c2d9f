using Org.BouncyCastle.Tls;
using Reprise.Conformance.Tests.Peers;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;
using Reprise.Tls.Tests;

namespace Reprise.Conformance.Tests.Hostile;

/// <summary>TLS 1.2 sessions presented as no honest client would (RFC 5246, RFC 5077, RFC 7627).</summary>
[Collection(HostileNode.Collection)]
public sealed class Tls12SessionTests(HostileNode hostile) : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    // RFC 5077 section 3.4: the ID beside a ticket is the client's mark; it comes back as it was, at its length (CVE-2016-9244).
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    public async Task Ticket_BesideASessionId_ResumesAndTheIdIsEchoed(int length)
    {
        var hello = WithSessionId(await OfferingAsync(noTicket: false), Hello.Bytes(length, 0x77));
        using var connection = await RawConnection.OpenAsync(hostile.Node);
        await connection.SendAsync(hello);

        var outcome = await connection.OutcomeAsync();

        Assert.Equal(Hello.Bytes(length, 0x77), outcome.Hello!.SessionID);
        // Nothing is asked of the client: the server's own Finished follows.
        Assert.NotNull(await connection.ReadAsync(ContentType.change_cipher_spec));
        connection.Reset();
        await hostile.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Ticket_BesideASessionIdOf33_IsADecodeError()
    {
        var hello = WithSessionId(await OfferingAsync(noTicket: false), Hello.Bytes(33, 0x77));

        Assert.Equal("decode_error", (await RawConnection.ExchangeAsync(hostile.Node, hello)).Text);
        await hostile.AssertUnharmedAsync();
    }

    // An ID of our sessions' length at its beginning must not do for the whole.
    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    public async Task SessionId_ThatIsTheBeginningOfARealOne_IsAFullHandshake(int length)
    {
        var hello = await OfferingAsync(noTicket: true);
        var id = hello[44..76];

        var outcome = await RawConnection.ExchangeAsync(hostile.Node, WithSessionId(hello, id[..length]));

        Assert.Equal(Outcome.Answered, outcome.Text);
        Assert.NotEqual(id[..length], outcome.Hello!.SessionID.Take(length));
        await hostile.AssertUnharmedAsync();
    }

    // RFC 5246 section 7.4.1.2: the offer must hold the session's suite. OpenSSL: illegal_parameter, where the RFC has no word.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Session_WithoutItsSuiteInTheOffer_EndsTheHandshake(bool noTicket)
    {
        var hello = await OfferingAsync(noTicket);
        var at = hello.AsSpan().IndexOf(Hello.Number(2, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256));
        Hello.Number(2, 0xcafe).CopyTo(hello, at);

        Assert.Equal("illegal_parameter", (await RawConnection.ExchangeAsync(hostile.Node, hello)).Text);
        await hostile.AssertUnharmedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ExtendedMasterSecret_InTheHelloAndNotInTheSession_IsAFullHandshake(bool noTicket)
    {
        var (host, session) = (noTicket ? EdgeSettings.Stateful : EdgeSettings.Stateless, _files.File("session.pem"));
        var without = await OpenSslAsync(host, noTicket, keep: session, extendedMasterSecret: false);
        Assert.Equal((HandshakeKind.Full, false), (without.Kind, without.Client.ExtendedMasterSecret));

        var visit = await OpenSslAsync(host, noTicket, offer: session);

        Assert.Equal((HandshakeKind.Full, "full", "ems"), (visit.Kind, visit.Mode, visit.Declined)); // RFC 7627 5.3
        await hostile.AssertUnharmedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ExtendedMasterSecret_InTheSessionAndNotInTheHello_EndsTheHandshake(bool noTicket)
    {
        // openssl would not offer such a session: the extension is renamed.
        var hello = ClientHelloBytes.WithExtensionType(await OfferingAsync(noTicket), ExtensionType.extended_master_secret, 0x1a1a);

        Assert.Equal("handshake_failure", (await RawConnection.ExchangeAsync(hostile.Node, hello)).Text); // RFC 7627 5.3: abort
        await hostile.AssertUnharmedAsync();
    }

    [Fact]
    public async Task ExtendedMasterSecret_InNeither_Resumes()
    {
        var session = _files.File("session.pem");
        await OpenSslAsync(EdgeSettings.Stateless, noTicket: false, keep: session, extendedMasterSecret: false);

        var visit = await OpenSslAsync(EdgeSettings.Stateless, noTicket: false, offer: session, extendedMasterSecret: false);

        Assert.Equal(HandshakeKind.Resumed, visit.Kind);
    }

    // A second implementation, that sees for itself whether the ID came back as it was.
    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    public async Task Ticket_BesideBouncyCastlesSessionId_Resumes(int length)
    {
        var first = await ConnectAsync(new(EdgeSettings.Stateless, withTicket: true) { Marker = Hello.Bytes(length, 0x2a) });

        var second = await ConnectAsync(new(EdgeSettings.Stateless, withTicket: true, first.Session, first.Ticket));

        Assert.Equal((false, true), (first.Resumed, second.Resumed));
        await hostile.AssertUnharmedAsync();
    }

    private async Task<BouncyCastleClient> ConnectAsync(BouncyCastleClient client)
    {
        using var connection = await RawConnection.OpenAsync(hostile.Node);
        await Task.Run(() =>
        {
            var protocol = new TlsClientProtocol(connection.Stream);
            protocol.Connect(client);
            protocol.Close();
        });
        return client;
    }

    private Task<Visit> OpenSslAsync(string host, bool noTicket, string? keep = null, string? offer = null, bool extendedMasterSecret = true) =>
        extendedMasterSecret
            ? hostile.Node.VisitAsync("1.2", host, noTicket, offer, keep)
            : VisitWithoutAsync(new OpenSsl(hostile.Node.Tls) { Version = "1.2", ServerName = host, NoTicket = noTicket, SessionIn = offer, SessionOut = keep });

    private async Task<Visit> VisitWithoutAsync(OpenSsl client)
    {
        var configuration = _files.Write("openssl.cnf", """
            openssl_conf = all
            [all]
            ssl_conf = protocols
            [protocols]
            system_default = without
            [without]
            Options = -ExtendedMasterSecret
            """);
        return new Visit(await (client with { Environment = new Dictionary<string, string> { ["OPENSSL_CONF"] = configuration } }).RunAsync());
    }

    /// <summary>openssl's ClientHello with a session that this node has just given.</summary>
    private async Task<byte[]> OfferingAsync(bool noTicket)
    {
        var (host, session) = (noTicket ? EdgeSettings.Stateful : EdgeSettings.Stateless, _files.File("session.pem"));
        var visit = await hostile.Node.VisitAsync("1.2", host, noTicket, keep: session);
        Assert.Equal("ECDHE-ECDSA-AES128-GCM-SHA256", visit.Text("cipher"));
        return await ClientHelloBytes.OfAsync("1.2", noTicket, session, host);
    }

    private static byte[] WithSessionId(byte[] record, byte[] id)
    {
        var at = 5 + 4 + 2 + 32;
        byte[] body = [.. record[9..at], .. Hello.Vector(1, id), .. record[(at + 1 + record[at])..]];
        return Hello.RecordOf(Hello.MessageOf(body));
    }
}
