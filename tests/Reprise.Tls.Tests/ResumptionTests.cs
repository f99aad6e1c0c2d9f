using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>Judged by the openssl command: it says what the server did.</summary>
public sealed class ResumptionTests : TlsTest
{
    [Theory]
    [InlineData("1.2", false, Tls13ResumptionMode.Stateless, ResumptionMode.Stateless)]
    [InlineData("1.2", true, Tls13ResumptionMode.Stateless, ResumptionMode.Stateful)]
    [InlineData("1.3", false, Tls13ResumptionMode.Stateless, ResumptionMode.Stateless)]
    [InlineData("1.3", false, Tls13ResumptionMode.Stateful, ResumptionMode.Stateful)]
    public async Task Session_OfferedToAnotherNode_Resumes(string version, bool noTicket, Tls13ResumptionMode tls13, ResumptionMode expected)
    {
        var options = Options(o => o with { Tls13 = tls13 });
        await using var one = await TlsServer.StartAsync(Shared, options);
        await using var other = await TlsServer.StartAsync(Shared, options);
        var session = Files.File("session.pem");

        var full = await new OpenSsl(one.Address) { Version = version, NoTicket = noTicket, SessionOut = session, Request = OpenSsl.Get("/", "localhost") }.RunAsync();
        var resumed = await new OpenSsl(other.Address) { Version = version, NoTicket = noTicket, SessionIn = session, Request = OpenSsl.Get("/", "localhost") }.RunAsync();

        Assert.True(full.Kind is HandshakeKind.Full, full.ToString());
        Assert.True(resumed.Kind is HandshakeKind.Resumed, resumed.ToString());
        Assert.Contains($"HTTP/1.1 https {expected} None", resumed.Response);
        Assert.Equal(ResumptionMode.Full, Assert.Single(one.Policy.Handshakes).Mode);
        Assert.Equal(expected, Assert.Single(other.Policy.Handshakes).Mode);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task BothSwitches_Off_NothingIsIssued(string version)
    {
        await using var server = await StartAsync(o => o with { Stateful = false, Stateless = false });

        var result = await new OpenSsl(server.Address) { Version = version, TicketWait = TimeSpan.FromMilliseconds(500) }.RunAsync();

        Assert.Equal(HandshakeKind.Full, result.Kind);
        Assert.Equal((0, false, ""), (result.Tickets, result.HasTicket, version == "1.2" ? result.SessionId : ""));
        Assert.Empty(Shared.Sessions);
    }

    [Theory]
    [InlineData("1.2", 3600)]
    [InlineData("1.3", 3600)]
    [InlineData("1.2", 30 * 24 * 3600)]
    [InlineData("1.3", 30 * 24 * 3600)]
    public async Task LifetimeHint_OfATicket_IsAtMostSevenDays(string version, int seconds)
    {
        await using var server = await StartAsync();
        server.Policy.Lifetime = TimeSpan.FromSeconds(seconds);

        var result = await Client(server, version).RunAsync();

        Assert.Equal(TimeSpan.FromSeconds(Math.Min(seconds, 604800)), result.TicketLifetimeHint);
    }

    [Theory]
    [InlineData("1.2", false)]
    [InlineData("1.2", true)]
    [InlineData("1.3", false)]
    public async Task Session_PastItsTimeout_IsAFullHandshake(string version, bool noTicket)
    {
        await using var server = await StartAsync(o => o with { Tls13 = Tls13ResumptionMode.Stateful });
        server.Policy.Lifetime = TimeSpan.FromSeconds(1);
        var session = await SessionAsync(server, version, noTicket);
        await Task.Delay(2100); // OpenSSL's clock of sessions is the system's, in seconds

        var (_, node) = await OfferAsync(server, version, session, noTicket);

        // A TLS 1.3 client may know by its own clock that it is over, and not offer it.
        Assert.Equal(ResumptionMode.Full, node.Mode);
        Assert.Equal(node.Offered is OfferedSession.None ? DeclineReason.None : DeclineReason.Expired, node.Declined);
    }

    [Theory]
    [InlineData("1.2", false, Tls13ResumptionMode.Stateless)]
    [InlineData("1.2", true, Tls13ResumptionMode.Stateless)]
    [InlineData("1.3", false, Tls13ResumptionMode.Stateless)]
    [InlineData("1.3", false, Tls13ResumptionMode.Stateful)]
    public async Task Session_OfAnotherScope_IsDeclined(string version, bool noTicket, Tls13ResumptionMode tls13)
    {
        var options = Options(o => o with { Name = "a.test", Tls13 = tls13 });
        var other = options with { Name = "b.test", SessionIdContext = Enumerable.Repeat((byte)1, 32).ToArray() };
        await using var server = await TlsServer.StartAsync(Shared, null, options, other); // both under the same ticket keys
        var session = await SessionAsync(server, version, noTicket, "a.test");

        var (_, elsewhere) = await OfferAsync(server, version, session, noTicket, "b.test");

        Assert.Equal(("b.test", ResumptionMode.Full, DeclineReason.Scope), (elsewhere.Profile.Options.Name, elsewhere.Mode, elsewhere.Declined));
    }

    [Theory]
    [InlineData("a.test")]
    [InlineData("b.test")]
    public async Task Session_OfAProfileFoundByName_ResumesThere(string name)
    {
        var options = Options(o => o with { Name = "a.test" });
        var other = options with { Name = "b.test", SessionIdContext = Enumerable.Repeat((byte)1, 32).ToArray() };
        await using var server = await TlsServer.StartAsync(Shared, null, options, other);

        foreach (var (version, noTicket) in new[] { ("1.2", false), ("1.2", true), ("1.3", false) })
        {
            var session = await SessionAsync(server, version, noTicket, name);
            var (_, node) = await OfferAsync(server, version, session, noTicket, name);
            Assert.Equal((name, true), (node.Profile.Options.Name, node.Mode is not ResumptionMode.Full));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ExtendedMasterSecret_SessionWithoutHelloWith_IsAFullHandshake(bool noTicket)
    {
        await using var server = await StartAsync();
        var session = Files.File("session.pem");
        var full = await (Client(server, "1.2") with { NoTicket = noTicket, SessionOut = session, Environment = WithoutExtendedMasterSecret() }).RunAsync();
        Assert.Equal((HandshakeKind.Full, false), (full.Kind, full.ExtendedMasterSecret));

        var (_, node) = await OfferAsync(server, "1.2", session, noTicket);

        Assert.Equal((ResumptionMode.Full, DeclineReason.Ems), (node.Mode, node.Declined)); // RFC 7627 section 5.3
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ExtendedMasterSecret_SessionWithHelloWithout_Aborts(bool noTicket)
    {
        await using var server = await StartAsync();
        var session = await SessionAsync(server, "1.2", noTicket);

        // Refused by the ClientHello alone. openssl would not offer such a session, so the extension is renamed.
        var hello = await ClientHelloBytes.OfAsync("1.2", noTicket, session);
        var answer = await RawClient.ExchangeAsync(server, ClientHelloBytes.WithExtensionType(hello, 23, 0x1a1a));

        Assert.Equal([21, 3, 3, 0, 2, 2, 40], answer); // handshake_failure (RFC 7627 section 5.3)
        Assert.Equal(HandshakeFailure.Client, Assert.Single(server.Policy.Failures).Failure);
    }

    private Dictionary<string, string> WithoutExtendedMasterSecret()
    {
        var file = Files.File("no-ems.cnf");
        File.WriteAllText(file, """
            openssl_conf = all
            [all]
            ssl_conf = ssl
            [ssl]
            system_default = default
            [default]
            Options = -ExtendedMasterSecret
            """);
        return new() { ["OPENSSL_CONF"] = file };
    }
}
