using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>Stored sessions: TLS 1.2 session IDs and TLS 1.3 handles.</summary>
public sealed class SessionIdTests : TlsTest
{
    [Fact]
    public async Task Tls12SessionId_Offered_IsEchoedAndMayComeAgain()
    {
        await using var server = await StartAsync();
        var session = await SessionAsync(server, "1.2", noTicket: true);
        var id = Assert.Single(Shared.Sessions).Key;

        for (var i = 0; i < 3; i++)
        {
            var (client, node) = await OfferAsync(server, "1.2", session, noTicket: true);
            Assert.Equal((ResumptionMode.Stateful, OfferedSession.SessionId), (node.Mode, node.Offered));
            Assert.Equal((id, false), (client.SessionId, client.HasTicket));
        }

        Assert.Single(Shared.Sessions); // a resumption stores nothing
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tls12SessionId_Unknown_IsAFullHandshakeWithANewOne(bool asynchronous)
    {
        Shared.Asynchronous = asynchronous;
        await using var server = await StartAsync();
        var session = await SessionAsync(server, "1.2", noTicket: true);
        var id = Assert.Single(Shared.Sessions).Key;
        Shared.Sessions.Clear();

        var (client, node) = await OfferAsync(server, "1.2", session, noTicket: true);

        Assert.Equal((ResumptionMode.Full, DeclineReason.StoreMiss), (node.Mode, node.Declined));
        Assert.Equal((64, true), (client.SessionId.Length, client.SessionId != id));
        Assert.Empty(server.Policy.Failures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tls13Handle_PresentedTwice_ResumesOnce(bool asynchronous)
    {
        Shared.Asynchronous = asynchronous;
        await using var server = await StartAsync(o => o with { Tls13 = Tls13ResumptionMode.Stateful });
        var session = await SessionAsync(server, "1.3");
        Assert.Equal(2, Shared.Sessions.Count);
        Assert.Equal(32, SessionFile.ReadTicket(session).Length);

        var (first, _) = await OfferAsync(server, "1.3", session);
        var (second, node) = await OfferAsync(server, "1.3", session);

        Assert.Equal((HandshakeKind.Resumed, HandshakeKind.Full), (first.Kind, second.Kind));
        Assert.Equal((OfferedSession.Handle, DeclineReason.StoreMiss), (node.Offered, node.Declined));
        Assert.Equal(1, first.Tickets);
        Assert.Equal(2 - 1 + 1 + 2, Shared.Sessions.Count); // the first handshake's other one, the resumption's, the second full one's
    }

    [Fact]
    public async Task Tls13Handle_WithAHelloRetryRequest_IsLookedUpOnceAndResumes()
    {
        await using var server = await StartAsync(o => o with { Tls13 = Tls13ResumptionMode.Stateful, Groups = "P-384" });
        var session = await SessionAsync(server, "1.3", arguments: ["-groups", "X25519:P-384"]);

        var (_, node) = await OfferAsync(server, "1.3", session, arguments: ["-groups", "X25519:P-384"]);

        Assert.Equal((ResumptionMode.Stateful, "secp384r1", 1), (node.Mode, node.Group, Shared.Lookups));
    }

    [Fact]
    public async Task Tls13Handle_OfACipherSuiteWithAnotherHash_IsDeclined()
    {
        await using var server = await StartAsync(o => o with { Tls13 = Tls13ResumptionMode.Stateful });
        var session = await SessionAsync(server, "1.3", arguments: ["-ciphersuites", "TLS_AES_256_GCM_SHA384"]);

        // The client offers the session with both; the server prefers the other one.
        var (_, node) = await OfferAsync(server, "1.3", session, arguments: ["-ciphersuites", "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384"]);

        Assert.Equal((ResumptionMode.Full, DeclineReason.Cipher), (node.Mode, node.Declined));
    }

    [Fact]
    public async Task Tls12SessionId_ToAProfileWithoutStore_IsNotLookedUp()
    {
        await using var server = await StartAsync();
        await using var other = await StartAsync(o => o with { Stateful = false });
        var session = await SessionAsync(server, "1.2", noTicket: true);

        var (client, node) = await OfferAsync(other, "1.2", session, noTicket: true);

        Assert.Equal((ResumptionMode.Full, DeclineReason.Policy, 0), (node.Mode, node.Declined, Shared.Lookups));
        Assert.Equal("", client.SessionId);
    }

    [Fact]
    public async Task Tls13_ModeStatefulButTicketOffered_ResumesAndIssuesAHandle()
    {
        await using var server = await StartAsync();
        await using var other = await StartAsync(o => o with { Tls13 = Tls13ResumptionMode.Stateful });
        var session = await SessionAsync(server, "1.3");
        var renewed = Files.File("renewed.pem");

        var (_, node) = await OfferAsync(other, "1.3", session, sessionOut: renewed);
        var (_, back) = await OfferAsync(server, "1.3", renewed, sessionOut: session);

        Assert.Equal((ResumptionMode.Stateless, ResumptionMode.Stateful), (node.Mode, back.Mode));
        Assert.Equal(32, SessionFile.ReadTicket(renewed).Length);
        Assert.NotEqual(32, SessionFile.ReadTicket(session).Length);
    }

    [Fact]
    public async Task Session_StoredUnderAForeignKind_IsAFullHandshake()
    {
        // What a store gives back under an ID need not be what was asked for: garbage, or a session of the other version.
        await using var server = await StartAsync(o => o with { Tls13 = Tls13ResumptionMode.Stateful });
        var session13 = await SessionAsync(server, "1.3");
        var der13 = Shared.Sessions.Values.First();
        var session12 = await SessionAsync(server, "1.2", noTicket: true);

        foreach (var id in Shared.Sessions.Keys)
            Shared.Sessions[id] = der13;
        var (_, version) = await OfferAsync(server, "1.2", session12, noTicket: true);
        foreach (var id in Shared.Sessions.Keys)
            Shared.Sessions[id] = [0x30, 0x03, 1, 2, 3];
        var (_, garbage12) = await OfferAsync(server, "1.2", session12, noTicket: true);
        var (_, garbage13) = await OfferAsync(server, "1.3", session13);

        Assert.Equal((ResumptionMode.Full, DeclineReason.Policy), (version.Mode, version.Declined));
        Assert.Equal((ResumptionMode.Full, DeclineReason.StoreError), (garbage12.Mode, garbage12.Declined));
        Assert.Equal((ResumptionMode.Full, DeclineReason.StoreError), (garbage13.Mode, garbage13.Declined));
    }
}
