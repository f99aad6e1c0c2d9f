using System.Security.Cryptography;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>Sealed sessions: RFC 5077 in TLS 1.2, self-contained PSK identities in TLS 1.3.</summary>
public sealed class TicketTests : TlsTest
{
    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Ticket_UnderARemovedKey_IsAFullHandshake(string version)
    {
        await using var server = await StartAsync();
        var session = await SessionAsync(server, version);
        Shared.Keys.Destroy();
        Shared.Keys.Rotate();

        var (_, node) = await OfferAsync(server, version, session);

        Assert.Equal((ResumptionMode.Full, OfferedSession.Ticket, DeclineReason.UnknownKey), (node.Mode, node.Offered, node.Declined));
        Assert.Empty(server.Policy.Failures);
    }

    [Theory]
    [InlineData("1.2", "name")]
    [InlineData("1.2", "iv")]
    [InlineData("1.2", "body")]
    [InlineData("1.2", "mac")]
    [InlineData("1.2", "cut")]
    [InlineData("1.2", "short")]
    [InlineData("1.2", "long")]
    [InlineData("1.2", "foreign")]
    [InlineData("1.3", "name")]
    [InlineData("1.3", "iv")]
    [InlineData("1.3", "body")]
    [InlineData("1.3", "mac")]
    [InlineData("1.3", "cut")]
    [InlineData("1.3", "short")]
    [InlineData("1.3", "long")]
    [InlineData("1.3", "foreign")]
    public async Task Ticket_Falsified_IsAFullHandshakeWithoutAlert(string version, string how)
    {
        await using var server = await StartAsync();
        var session = await SessionAsync(server, version);
        var falsified = SessionFile.WithTicket(session, ticket => how switch
        {
            "name" => Flip(ticket, 3),
            "iv" => Flip(ticket, 20),
            "body" => Flip(ticket, ticket.Length / 2),
            "mac" => Flip(ticket, ticket.Length - 1),
            "cut" => ticket[..^7],
            "short" => ticket[..17],
            "long" => [.. ticket, .. new byte[4000]],
            _ => RandomNumberGenerator.GetBytes(200),
        });

        var (_, node) = await OfferAsync(server, version, falsified);

        Assert.Equal((ResumptionMode.Full, OfferedSession.Ticket, DeclineReason.UnknownKey), (node.Mode, node.Offered, node.Declined));
        Assert.Empty(server.Policy.Failures);
        Assert.Equal(ResumptionMode.Stateless, (await OfferAsync(server, version, session)).Node.Mode); // the true one still does
    }

    [Fact]
    public async Task Tls12Ticket_UnderTheSealingKey_IsNotRenewed()
    {
        await using var server = await StartAsync();
        var session = await SessionAsync(server, "1.2");

        var (resumed, _) = await OfferAsync(server, "1.2", session);

        Assert.Equal(SessionFile.ReadTicket(session), resumed.Ticket);
    }

    [Fact]
    public async Task Tls12Ticket_UnderARetiredKey_IsRenewedAndKeepsItsTime()
    {
        await using var server = await StartAsync();
        var session = await SessionAsync(server, "1.2");
        Shared.Keys.Rotate();

        var (resumed, node) = await OfferAsync(server, "1.2", session);

        Assert.Equal((ResumptionMode.Stateless, 1L, 2L), (node.Mode, node.OpeningKey!.Epoch, node.SealingKey!.Epoch));
        Assert.Equal(Shared.Keys.Sealing()!.Name, resumed.Ticket.AsSpan(0, 16));
        var (_, again) = await OfferAsync(server, "1.2", SessionFile.WithTicket(session, _ => resumed.Ticket));
        Assert.Equal((ResumptionMode.Stateless, 2L), (again.Mode, again.OpeningKey!.Epoch));
    }

    [Fact]
    public async Task Tls12Ticket_RenewedAgainAndAgain_StillEndsAtItsFirstTimeout()
    {
        await using var server = await StartAsync();
        server.Policy.Lifetime = TimeSpan.FromSeconds(2);
        var session = await SessionAsync(server, "1.2");
        Shared.Keys.Rotate();
        await Task.Delay(1200); // sessions count in seconds of the system's clock
        var (resumed, node) = await OfferAsync(server, "1.2", session);
        Assert.Equal(ResumptionMode.Stateless, node.Mode);
        Assert.NotEqual(SessionFile.ReadTicket(session), resumed.Ticket);
        await Task.Delay(2000);

        (_, node) = await OfferAsync(server, "1.2", SessionFile.WithTicket(session, _ => resumed.Ticket));

        Assert.Equal((ResumptionMode.Full, DeclineReason.Expired), (node.Mode, node.Declined));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Tls13Tickets_AsManyAsConfiguredOnFull_OneOnResumption(int count)
    {
        await using var server = await StartAsync(o => o with { TicketsPerHandshake = count });
        var session = Files.File("session.pem");

        var full = await (Client(server, "1.3") with { SessionOut = session }).RunAsync();
        var (resumed, _) = await OfferAsync(server, "1.3", session);

        Assert.Equal((count, 1), (full.Tickets, resumed.Tickets));
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task SealingKey_None_HandshakesCompleteWithoutTickets(string version)
    {
        await using var server = await StartAsync(o => o with { Stateful = false });
        Shared.Keys.Seals = false;

        var result = await Client(server, version).RunAsync();

        Assert.Equal((HandshakeKind.Full, 0, false), (result.Kind, result.Tickets, result.HasTicket));
        Assert.Contains("200 OK", result.Response);
    }

    [Fact]
    public async Task SealingKey_NoneAndStateful_Tls12ClientsGetASessionIdInstead()
    {
        await using var server = await StartAsync();
        Shared.Keys.Seals = false;
        var session = await SessionAsync(server, "1.2");

        var (_, node) = await OfferAsync(server, "1.2", session);

        Assert.Equal((ResumptionMode.Stateful, OfferedSession.SessionId), (node.Mode, node.Offered));
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task SealingKey_NoneButOldTicketsOpen_Resumes(string version)
    {
        await using var server = await StartAsync();
        var session = await SessionAsync(server, version);
        Shared.Keys.Seals = false;

        var (_, node) = await OfferAsync(server, version, session);

        Assert.Equal((ResumptionMode.Stateless, null), (node.Mode, node.SealingKey));
    }

    /// <summary>A ticket under zeros could be opened by anybody (as CVE-2020-13777).</summary>
    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task SealingKey_DestroyedWithinTheHandshake_SealsNothingUnderItAndTheHandshakeCompletes(string version)
    {
        await using var server = await StartAsync();
        var destroyed = Shared.Keys.Sealing()!;
        server.Policy.Describing = _ => Shared.Keys.Destroy();
        var session = Files.File("session.pem");

        var full = await (Client(server, version) with { SessionOut = session }).RunAsync();

        Assert.Equal(HandshakeKind.Full, full.Kind);
        Assert.Contains("200 OK", full.Response);
        Assert.Empty(server.Policy.Failures);
        if (version == "1.2")
        {
            Assert.False(full.HasTicket, full.ToString());
            return;
        }

        Assert.False(SessionFile.ReadTicket(session).AsSpan(0, 16).SequenceEqual(destroyed.Name));
        Shared.Keys.Rotate();
        Assert.Equal(DeclineReason.UnknownKey, (await OfferAsync(server, version, session)).Node.Declined);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Ticket_ThatThePolicyRefuses_IsAFullHandshake(string version)
    {
        await using var server = await StartAsync();
        var session = await SessionAsync(server, version);
        server.Policy.Accepts = false;

        var (_, node) = await OfferAsync(server, version, session);

        Assert.Equal((ResumptionMode.Full, DeclineReason.Policy), (node.Mode, node.Declined));
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Ticket_ToAProfileWithoutTickets_IsAFullHandshake(string version)
    {
        await using var server = await StartAsync();
        await using var other = await StartAsync(o => o with { Stateless = false, Tls13 = Tls13ResumptionMode.Stateful });
        var session = await SessionAsync(server, version);

        var (_, node) = await OfferAsync(other, version, session);

        Assert.Equal((ResumptionMode.Full, DeclineReason.Policy), (node.Mode, node.Declined));
    }

    [Fact]
    public async Task Tls13Ticket_WithAHelloRetryRequest_Resumes()
    {
        await using var server = await StartAsync(o => o with { Groups = "P-384" });
        var session = await SessionAsync(server, "1.3", arguments: ["-groups", "X25519:P-384"]);

        var (client, node) = await OfferAsync(server, "1.3", session, arguments: ["-groups", "X25519:P-384"]);

        Assert.Equal((ResumptionMode.Stateless, "secp384r1"), (node.Mode, node.Group));
        Assert.Contains("200 OK", client.Response);
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        bytes[at] ^= 0x40;
        return bytes;
    }
}
