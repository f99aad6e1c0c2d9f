using Reprise.Core.Sessions;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;
using Reprise.Tls;
using static Reprise.Edge.Tests.Harness.EdgeSettings;

namespace Reprise.Edge.Tests.Handshakes;

/// <summary>
/// DESIGN §10: every session that is offered and not resumed has one reason, and it is the same in the client's view of its connection, in the
/// metrics and in the log. Each row provokes one.
/// </summary>
public sealed class DeclineReasonTests(DeclineEdges edges) : IClassFixture<DeclineEdges>, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What is offered, why it is declined, and how that comes about.</summary>
    private static readonly Dictionary<string, Row> Table = new()
    {
        ["ticket 1.2 of another profile"] = new("unknown_key", "ticket", t => t.OfferElsewhereAsync("1.2", false, Stateless, null)),
        ["ticket 1.3 of another profile"] = new("unknown_key", "ticket", t => t.OfferElsewhereAsync("1.3", false, Stateless, null)),
        ["ticket 1.2, tampered"] = new("unknown_key", "ticket", t => t.OfferTamperedAsync("1.2", Stateless)),
        ["ticket 1.3, tampered"] = new("unknown_key", "ticket", t => t.OfferTamperedAsync("1.3", Stateless)),
        ["ticket whose key is past its time"] = new("retired", "ticket", t => t.OfferPastItsKeyAsync()),
        ["ticket past its timeout"] = new("expired", "ticket", t => t.OfferPastItsTimeAsync()),
        ["session ID of another profile"] = new("scope", "session_id", t => t.OfferElsewhereAsync("1.2", true, Stateful, null)),
        ["handle of another profile"] = new("scope", "handle", t => t.OfferElsewhereAsync("1.3", false, Stateful, null)),
        ["ticket made without extended master secret"] = new("ems", "ticket", t => t.OfferWithMasterSecretAsync(false)),
        ["session ID made without extended master secret"] = new("ems", "session_id", t => t.OfferWithMasterSecretAsync(true)),
        ["ticket of a suite with another hash"] = new("cipher", "ticket", t => t.OfferOtherHashAsync(Stateless)),
        ["handle of a suite with another hash"] = new("cipher", "handle", t => t.OfferOtherHashAsync(Stateful)),
        ["handle presented twice"] = new("spent", "handle", t => t.OfferTwiceAsync()),
        ["session ID that the store has lost"] = new("store_miss", "session_id", t => t.OfferLostAsync()),
        ["handle that never was"] = new("store_miss", "handle", t => t.OfferTamperedAsync("1.3", Stateful)),
        ["session ID, store silent"] = new("store_timeout", "session_id", t => t.OfferToASilentStoreAsync("1.2")),
        ["handle, store silent"] = new("store_timeout", "handle", t => t.OfferToASilentStoreAsync("1.3")),
        ["session ID, store gone"] = new("store_error", "session_id", t => t.OfferToNoStoreAsync("1.2")),
        ["handle, store gone"] = new("store_error", "handle", t => t.OfferToNoStoreAsync("1.3")),
        ["ticket where there are none"] = new("policy", "ticket", t => t.OfferElsewhereAsync("1.2", false, Stateless, Stateful)),
        ["session ID where nothing is stored"] = new("policy", "session_id", t => t.OfferElsewhereAsync("1.2", true, Stateful, Stateless)),
        ["handle where nothing is stored"] = new("policy", "handle", t => t.OfferElsewhereAsync("1.3", false, Stateful, Stateless)),
        ["TLS 1.2 ticket in a TLS 1.3 handshake"] = new("policy", "ticket", t => t.OfferOtherVersionAsync()),
        ["ticket of a client that was revoked"] = new("client_certificate", "ticket", t => t.OfferRevokedClientAsync("1.3", false)),
        ["session ID of a client that was revoked"] = new("client_certificate", "session_id", t => t.OfferRevokedClientAsync("1.2", true)),
    };

    private readonly List<IAsyncDisposable> _own = [];

    public static TheoryData<string> Rows => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Session_OfferedInVain_HasOneReasonEverywhere(string title)
    {
        var row = Table[title];

        var offer = await row.OfferAsync(this);

        var visit = offer.Visit;
        Assert.True(visit.Kind is HandshakeKind.Full, visit.ToString());
        Assert.Equal(("full", row.Reason, row.Offered), (visit.Mode, visit.Declined, visit.Text("offered")));
        await offer.Node.MetricsSayAsync(now => now.Declines(row.Reason) == offer.Before.Declines(row.Reason) + 1);
        Assert.Equal(1, All(await offer.Node.MetricsAsync()) - All(offer.Before));
        var mode = row.Offered == "ticket" ? "stateless" : "stateful";
        var line = $"Session declined: {row.Reason}; offered {row.Offered} ({mode}), {visit.Text("protocol")}, profile {visit.Profile}; ";
        await Eventually.TrueAsync(() => offer.Node.Process.Lines.Skip(offer.Lines).Any(each => each.Contains(line, StringComparison.Ordinal)));
        Assert.Empty(offer.Node.Errors);
    }

    [Fact]
    public void Table_HasEveryReason() => Assert.Equal(
        Enum.GetValues<DeclineReason>().Select(reason => reason.ToName()).OfType<string>().Order(), Table.Values.Select(row => row.Reason).Distinct().Order());

    private static double All(Metrics metrics) => metrics.Sum("reprise_declines_total");

    private async Task<Offer> OfferElsewhereAsync(string version, bool noTicket, string? from, string? to)
    {
        var session = edges.File();
        await edges.One.VisitAsync(version, from, noTicket, keep: session);
        return await CountAsync(edges.Two, node => node.VisitAsync(version, to, noTicket, offer: session));
    }

    private async Task<Offer> OfferTamperedAsync(string version, string host)
    {
        var session = edges.File();
        await edges.One.VisitAsync(version, host, keep: session);
        await SessionPem.TamperAsync(session);
        return await CountAsync(edges.Two, node => node.VisitAsync(version, host, offer: session));
    }

    private async Task<Offer> OfferPastItsKeyAsync()
    {
        var (keys, node) = await edges.StartBriefKeysAsync();
        _own.AddRange([node, keys]);
        var session = edges.File();
        var issued = await node.VisitAsync("1.2", Stateless, keep: session);
        await keys.KillAsync(); // so that nothing newer comes
        await node.Process.WaitForLineAsync($"Epoch {issued.Epoch}: its life is over, its secret is destroyed", Patience);
        return await CountAsync(node, each => each.VisitAsync("1.2", Stateless, offer: session));
    }

    private async Task<Offer> OfferPastItsTimeAsync()
    {
        var session = edges.File();
        await edges.One.VisitAsync("1.2", DeclineEdges.Brief, keep: session);
        await Eventually.TrueAsync(async () => (await edges.Two.VisitAsync("1.2", DeclineEdges.Brief, offer: session)).Kind is HandshakeKind.Full);
        return await CountAsync(edges.Two, node => node.VisitAsync("1.2", DeclineEdges.Brief, offer: session));
    }

    private async Task<Offer> OfferWithMasterSecretAsync(bool noTicket)
    {
        var (session, configuration) = (edges.File(), edges.File());
        await File.WriteAllTextAsync(configuration, """
            openssl_conf = all
            [all]
            ssl_conf = ssl
            [ssl]
            system_default = default
            [default]
            Options = -ExtendedMasterSecret
            """);
        var without = await new OpenSsl(edges.One.Tls)
        {
            Version = "1.2",
            NoTicket = noTicket,
            SessionOut = session,
            CaFile = edges.One.Authority,
            Environment = new Dictionary<string, string> { ["OPENSSL_CONF"] = configuration },
        }.RunAsync();
        Assert.Equal((HandshakeKind.Full, false), (without.Kind, without.ExtendedMasterSecret));
        return await CountAsync(edges.Two, node => node.VisitAsync("1.2", noTicket: noTicket, offer: session));
    }

    private async Task<Offer> OfferOtherHashAsync(string host)
    {
        var session = edges.File();
        await edges.One.VisitAsync("1.3", host, keep: session, arguments: ["-ciphersuites", "TLS_AES_256_GCM_SHA384"]);
        return await CountAsync(edges.Two, node => node.VisitAsync(
            "1.3", host, offer: session, arguments: ["-ciphersuites", "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384"]));
    }

    private async Task<Offer> OfferTwiceAsync()
    {
        var session = edges.File();
        await edges.One.VisitAsync("1.3", Stateful, keep: session);
        Assert.Equal("stateful", (await edges.One.VisitAsync("1.3", Stateful, offer: session)).Mode);
        return await CountAsync(edges.Two, node => node.VisitAsync("1.3", Stateful, offer: session));
    }

    private async Task<Offer> OfferLostAsync()
    {
        var session = edges.File();
        var full = await edges.One.VisitAsync("1.2", Stateful, noTicket: true, keep: session);
        Assert.True(await edges.Judge.GetDatabase().KeyDeleteAsync(SessionKey.OfSessionId(Convert.FromHexString(full.Client.SessionId)).Text));
        return await CountAsync(edges.Two, node => node.VisitAsync("1.2", Stateful, noTicket: true, offer: session));
    }

    private async Task<Offer> OfferToASilentStoreAsync(string version)
    {
        var session = edges.File();
        await edges.One.VisitAsync(version, Stateful, noTicket: true, keep: session);
        await HealAsync();
        edges.Relay.AnswersStalled = true;
        try
        {
            return await CountAsync(edges.Cut, node => node.VisitAsync(version, Stateful, noTicket: true, offer: session));
        }
        finally
        {
            edges.Relay.AnswersStalled = false;
        }
    }

    private async Task<Offer> OfferToNoStoreAsync(string version)
    {
        var session = edges.File();
        await edges.One.VisitAsync(version, Stateful, noTicket: true, keep: session);
        await HealAsync();
        edges.Relay.Refuse();
        edges.Relay.CutAll();
        try
        {
            await edges.Cut.MetricsSayAsync(now => now.Sum("reprise_store_connected") == 0);
            return await CountAsync(edges.Cut, node => node.VisitAsync(version, Stateful, noTicket: true, offer: session));
        }
        finally
        {
            edges.Relay.Accept();
        }
    }

    private async Task<Offer> OfferOtherVersionAsync()
    {
        var session = edges.File();
        await edges.One.VisitAsync("1.2", Stateless, keep: session);
        return await CountAsync(edges.Two, node => node.VisitAsync(version: null, Stateless, offer: session));
    }

    private async Task<Offer> OfferRevokedClientAsync(string version, bool noTicket)
    {
        var session = edges.File();
        await edges.One.VisitAsync(version, DeclineEdges.Verified, noTicket, keep: session, arguments: [.. edges.Clients.Arguments("revoked")]);
        return await CountAsync(edges.Two, node => node.VisitAsync(version, DeclineEdges.Verified, noTicket, offer: session));
    }

    private Task HealAsync() => Eventually.TrueAsync(
        async () => await edges.Cut.MetricsAsync() is var now && now.Sum("reprise_store_connected") == 1 && now.Sum("reprise_store_breaker") == 0, Patience);

    private static async Task<Offer> CountAsync(EdgeNode node, Func<EdgeNode, Task<Visit>> offer)
    {
        var (before, lines) = (await node.MetricsAsync(), node.Process.Lines.Count);
        return new Offer(node, await offer(node), before, lines);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var each in _own)
            await each.DisposeAsync();
    }

    private sealed record Row(string Reason, string Offered, Func<DeclineReasonTests, Task<Offer>> OfferAsync);

    private sealed record Offer(EdgeNode Node, Visit Visit, Metrics Before, int Lines);
}
