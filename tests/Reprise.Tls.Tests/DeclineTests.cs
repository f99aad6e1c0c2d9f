namespace Reprise.Tls.Tests;

/// <summary>Offers that OpenSSL itself would pass over in silence: each has its reason, and costs no single-use session.</summary>
public sealed class DeclineTests : TlsTest
{
    [Fact]
    public async Task Tls12Ticket_InATls13Handshake_IsAnOfferAndDeclined()
    {
        await using var server = await StartAsync();
        var session = await SessionAsync(server, "1.2");

        var (client, node) = await OfferAsync(server, version: null, session);

        Assert.Equal("TLSv1.3", client.Protocol);
        Assert.Equal((OfferedSession.Ticket, DeclineReason.Policy), (node.Offered, node.Declined));
    }

    [Theory]
    [InlineData(Tls13ResumptionMode.Stateless)]
    [InlineData(Tls13ResumptionMode.Stateful)]
    public async Task Tls13Session_InATls12Handshake_IsAnOfferAndDeclinedWithoutALookup(Tls13ResumptionMode mode)
    {
        await using var server = await StartAsync(o => o with { Tls13 = mode });
        await using var older = await StartAsync(o => o with { Tls13 = mode, Tls13Enabled = false });
        var session = await SessionAsync(server, "1.3");

        var (client, node) = await OfferAsync(older, version: null, session);

        Assert.Equal("TLSv1.2", client.Protocol);
        Assert.Equal(mode is Tls13ResumptionMode.Stateful ? OfferedSession.Handle : OfferedSession.Ticket, node.Offered);
        Assert.Equal((DeclineReason.Policy, 0), (node.Declined, Shared.Lookups));
    }

    // psk_ke alone (RFC 8446 section 4.2.9): OpenSSL passes over the identities.
    [Fact]
    public async Task Tls13Handle_WithoutPskDheKe_IsNotUsedUp()
    {
        await using var server = await StartAsync(o => o with { Tls13 = Tls13ResumptionMode.Stateful });
        var session = await SessionAsync(server, "1.3");
        var hello = await ClientHelloBytes.OfAsync("1.3", session: session);
        hello[ClientHelloBytes.FindExtension(hello, 45) + 5] = 0;

        await RawClient.ExchangeAsync(server, hello, thenHalfClose: true);

        Assert.Equal(0, Shared.Lookups);
        Assert.Equal(ResumptionMode.Stateful, (await OfferAsync(server, "1.3", session)).Node.Mode);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Accept_Throws_IsAFullHandshakeWithAReason(string version)
    {
        await using var server = await StartAsync();
        var session = await SessionAsync(server, version);
        server.Policy.Accepting = () => throw new InvalidOperationException("a policy's fault");

        var (_, node) = await OfferAsync(server, version, session);

        Assert.Equal((ResumptionMode.Full, DeclineReason.UnknownKey), (node.Mode, node.Declined));
    }
}
