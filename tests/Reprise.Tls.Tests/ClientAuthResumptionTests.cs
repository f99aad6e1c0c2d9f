using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>
/// Sessions of authenticated clients. The nodes here have one session-id context and one set of ticket keys whatever they demand, as no real
/// nodes have: what is seen is the engine's own second look.
/// </summary>
public sealed class ClientAuthResumptionTests : ClientAuthTest
{
    public static TheoryData<string, bool, Tls13ResumptionMode> Kinds => new()
    {
        { "1.2", false, Tls13ResumptionMode.Stateless },
        { "1.2", true, Tls13ResumptionMode.Stateless },
        { "1.3", false, Tls13ResumptionMode.Stateless },
        { "1.3", false, Tls13ResumptionMode.Stateful },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Session_OfAProfileThatVerifies_IsNeitherIssuedNorAccepted(string version, bool noTicket, Tls13ResumptionMode tls13)
    {
        await using var open = await StartAsync(Resuming(ClientAuthMode.Optional, tls13));
        await using var closed = await StartAsync(o => Resuming(ClientAuthMode.Optional, tls13)(o) with { ResumeAuthenticatedClients = false });
        var session = await SessionAsync(open, version, noTicket, arguments: Clients.Arguments("good"));
        var before = Shared.Sessions.Count;

        var (offered, node) = await OfferAsync(closed, version, session, noTicket, arguments: Clients.Arguments("good"));
        var anonymous = await (Client(closed, version) with { NoTicket = noTicket }).RunAsync();

        Assert.Equal((ResumptionMode.Full, DeclineReason.Policy), (node.Mode, node.Declined));
        foreach (var result in (OpenSslResult[])[offered, anonymous])
            Assert.Equal((0, false), (result.Tickets, version == "1.2" && (result.HasTicket || result.SessionId.Length > 0)));
        Assert.True(Shared.Sessions.Count <= before);
        Assert.Equal((false, false), (Assert.Single(closed.Policy.Handshakes.Select(h => h.Profile).Distinct()).Resumption.Stateful, node.Profile.Resumption.Stateless));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Session_OfferedToAnotherNode_ResumesAsTheSameClient(string version, bool noTicket, Tls13ResumptionMode tls13)
    {
        await using var one = await StartAsync(Resuming(ClientAuthMode.Required, tls13));
        await using var other = await StartAsync(Resuming(ClientAuthMode.Required, tls13));
        var session = await SessionAsync(one, version, noTicket, arguments: Clients.Arguments("good"));
        var first = one.Last.Client!;

        // Twice: in TLS 1.3 with what the first has renewed. The client presents nothing any more.
        for (var i = 0; i < 2; i++)
        {
            var (_, node) = await OfferAsync(other, version, session, noTicket, sessionOut: session);

            Assert.Equal(DeclineReason.None, node.Declined);
            Assert.NotEqual(ResumptionMode.Full, node.Mode);
            Assert.Equal(first.Fingerprint, node.Client?.Fingerprint);
            Assert.Equal(first.Rest.ToArray(), node.Client!.Rest.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Connection_FullOrResumed_HasTheCertificateThatKestrelKnows(string version, bool noTicket, Tls13ResumptionMode tls13)
    {
        await using var server = await StartAsync(Resuming(ClientAuthMode.Required, tls13));
        var session = Files.File("session.pem");

        var full = await (Client(server, version, "/client") with { NoTicket = noTicket, SessionOut = session, Arguments = Clients.Arguments("good") }).RunAsync();
        var resumed = await (Client(server, version, "/client") with { NoTicket = noTicket, SessionIn = session }).RunAsync();

        Assert.Equal((HandshakeKind.Full, HandshakeKind.Resumed), (full.Kind, resumed.Kind));
        foreach (var result in (OpenSslResult[])[full, resumed])
            Assert.Contains($"CN=alice.reprise.test {Clients["good"].Thumbprint}", result.Response, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Session_OfAnAnonymousClient_ResumesAsNobody(string version, bool noTicket, Tls13ResumptionMode tls13)
    {
        await using var server = await StartAsync(Resuming(ClientAuthMode.Optional, tls13));
        var session = await SessionAsync(server, version, noTicket);

        var (_, node) = await OfferAsync(server, version, session, noTicket, arguments: Clients.Arguments("good"));

        Assert.NotEqual(ResumptionMode.Full, node.Mode);
        Assert.Null(node.Client);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Session_OfAClientThatWouldBeRefusedNow_IsAFullHandshake(string version, bool noTicket, Tls13ResumptionMode tls13)
    {
        var lists = Clients.WriteLists("later.pem", "good");
        var expired = Clients.WriteLists("old.pem", DateTimeOffset.UtcNow.AddHours(-1));
        foreach (var (what, now, alert) in ((string, TlsClientAuth, int)[])
        [
            ("revoked", Verify(ClientAuthMode.Optional, lists: lists), 44),
            ("list out of date", Verify(ClientAuthMode.Optional, lists: expired), 45),
            ("authority removed", Verify(ClientAuthMode.Optional, Clients.OtherAuthorities), 48),
            ("too deep", Verify(ClientAuthMode.Optional, depth: 0), 48),
        ])
        {
            await using var one = await StartAsync(Resuming(ClientAuthMode.Optional, tls13));
            await using var other = await StartAsync(o => Resuming(ClientAuthMode.Optional, tls13)(o) with { ClientAuth = now });
            var session = await SessionAsync(one, version, noTicket, arguments: Clients.Arguments("good"));
            var spare = await SessionAsync(one, version, noTicket, arguments: Clients.Arguments("good"));

            // A client that has lost its certificate meanwhile goes on as nobody; one that still presents it gets the alert it has earned.
            var (_, node) = await OfferAsync(other, version, session, noTicket);
            var presenting = await (Client(other, version) with { NoTicket = noTicket, SessionIn = spare, Arguments = Clients.Arguments("good") }).RunAsync();

            Assert.Equal((what, ResumptionMode.Full, DeclineReason.ClientCertificate, null), (what, node.Mode, node.Declined, node.Client));
            Assert.Equal((what, alert), (what, AlertOf(presenting)));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Session_OfAClientWhoseCertificateHasExpired_IsAFullHandshake(string version, bool noTicket, Tls13ResumptionMode tls13)
    {
        var end = DateTimeOffset.UtcNow.AddSeconds(8);
        using var brief = Clients.Root.Client("brief.reprise.test", to: end);
        var files = TestAuthority.Write(brief, Files.Path, "brief");
        await using var server = await StartAsync(Resuming(ClientAuthMode.Optional, tls13));
        var session = await SessionAsync(server, version, noTicket, arguments: ["-cert", files.Chain, "-key", files.Key]);
        Assert.Equal(brief.Thumbprint, server.Last.Client?.Certificate.Thumbprint);
        if (end - DateTimeOffset.UtcNow is { Ticks: > 0 } left)
            await Task.Delay(left + TimeSpan.FromSeconds(1.1)); // OpenSSL reads the system's clock, in seconds

        var (_, node) = await OfferAsync(server, version, session, noTicket);

        Assert.Equal((ResumptionMode.Full, DeclineReason.ClientCertificate, null), (node.Mode, node.Declined, node.Client));
    }

    // CVE-2025-23419 and its kin: real profiles differ in scope, so that not even this is reached.
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Session_OfferedAcrossTheBoundary_NeitherGainsNorBringsAnIdentity(string version, bool noTicket, Tls13ResumptionMode tls13)
    {
        await using var open = await StartAsync(o => o with { Tls13 = tls13 });
        await using var required = await StartAsync(Resuming(ClientAuthMode.Required, tls13));
        await using var optional = await StartAsync(Resuming(ClientAuthMode.Optional, tls13));
        var anonymous = await SessionAsync(open, version, noTicket);
        var known = await SessionAsync(required, version, noTicket, arguments: Clients.Arguments("good"));

        var refused = await (Client(required, version) with { NoTicket = noTicket, SessionIn = anonymous }).RunAsync();
        var (_, brought) = await OfferAsync(open, version, known, noTicket);

        Assert.Equal(version == "1.3" ? 116 : 40, AlertOf(refused)); // a full handshake, and no certificate in it
        Assert.Equal((ResumptionMode.Full, DeclineReason.Scope, null), (brought.Mode, brought.Declined, brought.Client));

        anonymous = await SessionAsync(optional, version, noTicket);
        var presenting = await (Client(required, version) with { NoTicket = noTicket, SessionIn = anonymous, Arguments = Clients.Arguments("good") }).RunAsync();
        Assert.True(presenting.Kind is HandshakeKind.Full && presenting.Response is not null, presenting.ToString());
        Assert.Equal(DeclineReason.ClientCertificate, required.Last.Declined);
    }

    // By name within one server, so that SSL_set_SSL_CTX stands between the contexts.
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Session_OfferedUnderAnotherName_StaysOutside(string version, bool noTicket, Tls13ResumptionMode tls13)
    {
        var one = Options(o => o with { Name = "a.test", Tls13 = tls13 });
        var other = Options(o => Resuming(ClientAuthMode.Optional, tls13)(o) with { Name = "b.test", SessionIdContext = Enumerable.Repeat((byte)1, 32).ToArray() });
        await using var server = await TlsServer.StartAsync(Shared, null, one, other);
        foreach (var (from, to) in new[] { ("a.test", "b.test"), ("b.test", "a.test") })
        {
            var session = await SessionAsync(server, version, noTicket, from, Clients.Arguments("good"));
            var (_, node) = await OfferAsync(server, version, session, noTicket, to);

            Assert.Equal((to, ResumptionMode.Full, DeclineReason.Scope, null), (node.Profile.Options.Name, node.Mode, node.Declined, node.Client));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Chain_TooLongForATicket_IsStoredOrNotKeptAtAll(string version, bool noTicket, Tls13ResumptionMode tls13)
    {
        await using var server = await StartAsync(Resuming(ClientAuthMode.Required, tls13));
        var stateful = noTicket || tls13 is Tls13ResumptionMode.Stateful;
        var session = Files.File("long.pem");

        var full = await (Client(server, version) with { NoTicket = noTicket, SessionOut = session, Arguments = Clients.Arguments("long") }).RunAsync();

        Assert.True(full.Kind is HandshakeKind.Full && full.Response is not null, full.ToString());
        Assert.InRange(Clients["long"].RawData.Length, 8 * 1024, 12 * 1024);
        if (!stateful)
        {
            Assert.Equal((0, false), (full.Tickets, version == "1.2" && full.HasTicket));
            return;
        }

        var (_, node) = await OfferAsync(server, version, session, noTicket);
        Assert.Equal((ResumptionMode.Stateful, Clients["long"].Thumbprint), (node.Mode, node.Client?.Certificate.Thumbprint));
    }

    private Func<TlsProfileOptions, TlsProfileOptions> Resuming(ClientAuthMode mode, Tls13ResumptionMode tls13) =>
        o => o with { Tls13 = tls13, ClientAuth = Verify(mode, lists: null), ResumeAuthenticatedClients = true };
}
