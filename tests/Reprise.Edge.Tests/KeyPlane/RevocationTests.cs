using System.Globalization;
using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Edge.Tests.Purge;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;
using static Reprise.Edge.Tests.Purge.ThreeEdges;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>One call ends an epoch on all nodes, judged by OpenSSL's client: what was sealed under it resumes nowhere.</summary>
public sealed class RevocationTests(EdgeWorld world)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Revoke_OfTheActiveEpoch_EndsWhatItSealedOnEveryNodeAndNothingNew(bool purgeSessions)
    {
        await using var edges = await ThreeEdges.StartAsync(world, Patient());
        // Of an epoch before, which is not revoked.
        var olderTicket = await edges.FullAsync(0, "1.2", EdgeSettings.Stateless, "stateless");
        var olderId = await edges.FullAsync(1, "1.2", EdgeSettings.Stateful);
        var revoked = await edges.RotateAsync();
        var tickets = new[] { await edges.FullAsync(0, "1.2", EdgeSettings.Stateless, "stateless"), await edges.FullAsync(1, "1.3", EdgeSettings.Stateless, "stateless") };
        var id = await edges.FullAsync(0, "1.2", Other);
        foreach (var node in Enumerable.Range(0, 3)) // and so into every near cache
            AssertResumed("stateful", revoked, await edges.OfferAsync(node, id));
        var handles = new List<Held>();
        foreach (var node in Enumerable.Range(0, 3))
            handles.Add(await edges.FullAsync(node, "1.3", EdgeSettings.Stateful));
        AssertResumed("stateless", revoked, await edges.OfferAsync(2, tickets[0]));

        var done = await edges.RevokeAsync(revoked, purgeSessions);

        AssertReport(done, "edge-1", "edge-2", "edge-3");
        foreach (var node in edges.Nodes)
            Assert.Equal(0, (await node.MetricsAsync()).Sum("reprise_near_cache_entries", ("profile", Default)));
        for (var node = 0; node < 3; node++)
        {
            foreach (var ticket in tickets)
                AssertDeclined("unknown_key", await edges.OfferAsync(node, ticket));
            AssertDeclined(purgeSessions ? "store_miss" : "unknown_key", await edges.OfferAsync(node, id));
            AssertDeclined(purgeSessions ? "store_miss" : "unknown_key", await edges.OfferAsync(node, handles[(node + 1) % 3]));
        }

        // Tickets of another epoch are not concerned, and its stored sessions only if asked for.
        AssertResumed("stateless", null, await edges.OfferAsync(2, olderTicket));
        var stored = await edges.OfferAsync(2, olderId);
        if (purgeSessions)
            AssertDeclined("store_miss", stored);
        else
            AssertResumed("stateful", null, stored);

        await AssertNewOnesResumeAsync(edges, after: revoked);
        Assert.All(edges.Nodes, node => Assert.Empty(node.Errors));
    }

    [Fact]
    public async Task Revoke_WithANodeAsleep_NamesItAndItOpensNothingOfTheEpochWhenItIsBack()
    {
        await using var edges = await ThreeEdges.StartAsync(world, new JsonObject { ["AcknowledgeTimeout"] = "00:00:03" });
        var revoked = await edges.SealingEpochAsync();
        var tickets = new[] { await edges.FullAsync(0, "1.2", EdgeSettings.Stateless, "stateless"), await edges.FullAsync(1, "1.3", EdgeSettings.Stateless, "stateless") };
        var id = await edges.FullAsync(2, "1.2", EdgeSettings.Stateful);

        await edges.Nodes[2].Process.PauseAsync();
        var done = await edges.RevokeAsync(revoked);

        Assert.Equal(("edge-3", LaggardReason.Deadline), (done.Acknowledgements.Laggards.Single().Node, done.Acknowledgements.Laggards.Single().Reason));
        Assert.Equal(["edge-1", "edge-2"], done.Acknowledgements.Nodes.Where(node => node.HasMilliseconds).Select(node => node.Node));
        foreach (var ticket in tickets)
            AssertDeclined("unknown_key", await edges.OfferAsync(0, ticket));

        await edges.Nodes[2].Process.ContinueAsync();
        await Eventually.TrueAsync(() => edges.IsUpToDateAsync("edge-3"), Patience);

        foreach (var ticket in tickets)
            AssertDeclined("unknown_key", await edges.OfferAsync(2, ticket));
        AssertDeclined("unknown_key", await edges.OfferAsync(2, id));
        await AssertNewOnesResumeAsync(edges, after: revoked);
    }

    // A server asks for a second ClientHello where it cannot use the client's key share (RFC 8446 section 4.1.4), and the client can take
    // its time for it: by then the session was found and opened already, or so was the ticket.
    [Theory]
    [InlineData(EdgeSettings.Stateful, null)]
    [InlineData(EdgeSettings.Stateless, "stateless")]
    public async Task Revoke_BetweenTwoClientHellos_TheHandshakeGoesOnInFull(string host, string? mode)
    {
        await using var edges = await ThreeEdges.StartAsync(world, Patient());
        var revoked = await edges.SealingEpochAsync();
        var (held, control) = (await edges.FullAsync(0, "1.3", host, mode), await edges.FullAsync(0, "1.3", host, mode));
        var groups = new[] { "-groups", "P-521:X25519" }; // the first is none of ours
        await using var relay = TcpRelay.Start(edges.Nodes[1].Tls);
        var slow = new OpenSsl(relay.Address)
        {
            Version = "1.3",
            ServerName = host,
            SessionIn = held.File,
            CaFile = world.CaFile,
            Request = OpenSsl.Get("/.well-known/reprise/handshake", host),
            Timeout = Patience,
            Arguments = groups,
        };
        Assert.Equal(HandshakeKind.Resumed, (await (slow with { SessionIn = control.File }).RunAsync()).Kind);

        relay.StallAt = [20, 3, 3, 0, 1, 1]; // the change_cipher_spec before it (RFC 8446 appendix D.4)
        var going = slow.RunAsync();
        await Eventually.TrueAsync(() => relay.Stalled, Patience);
        AssertReport(await edges.RevokeAsync(revoked), "edge-1", "edge-2", "edge-3");
        relay.Stalled = false;

        AssertDeclined("unknown_key", new Visit(await going));
    }

    [Fact]
    public async Task Revoke_WhileTheStoreIsAsked_WhatItThenFindsIsNotResumed()
    {
        await using var keys = await world.StartKeyServiceAsync(rotation: Patient());
        await using var redis = await RedisServer.StartAsync();
        await using var relay = TcpRelay.Start(redis.Port);
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-1", relay.Address, keys.Ready.GetProperty("grpc").GetString()!)
            .With("Sessions:NearCacheEntries", 0));
        using var files = new TemporaryDirectory();
        var session = files.File("session.pem");
        var full = await edge.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, keep: session);

        relay.AnswersStalled = true;
        var asked = relay.BytesToTarget;
        var going = edge.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, offer: session);
        await Eventually.TrueAsync(() => relay.BytesToTarget > asked, Patience);
        using var admin = world.Admin(keys.Ready.GetProperty("grpc").GetString()!);
        using (var call = admin.Admin.Revoke(new RevokeRequest { Epoch = full.Epoch }))
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                if (call.ResponseStream.Current.Done is { } done)
                    AssertReport(done, "edge-1");
            }
        }

        relay.AnswersStalled = false;

        AssertDeclined("unknown_key", await going);
    }

    // What is to be shown is no matter of deadlines: a busy machine may take its time.
    private static JsonObject Patient() => new() { ["RevokeTimeout"] = "00:00:30", ["AcknowledgeTimeout"] = "00:00:30", ["MinimumSpacing"] = "00:00:00" };

    private static void AssertReport(RevokeResponse.Types.Done done, params string[] nodes)
    {
        Assert.Equal(nodes, done.Acknowledgements.Nodes.Select(node => node.Node));
        Assert.All(done.Acknowledgements.Nodes, node => Assert.True(node.HasMilliseconds));
        Assert.Empty(done.Acknowledgements.Laggards);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"revoked in {done.Milliseconds:F0} ms: {string.Join(", ", done.Acknowledgements.Nodes.Select(node => $"{node.Node} {node.Milliseconds:F0} ms"))}"));
    }

    private static async Task AssertNewOnesResumeAsync(ThreeEdges edges, long after)
    {
        foreach (var (version, host, mode) in new[]
        {
            ("1.2", EdgeSettings.Stateless, "stateless"), ("1.3", EdgeSettings.Stateless, "stateless"),
            ("1.2", EdgeSettings.Stateful, null), ("1.3", EdgeSettings.Stateful, null),
        })
        {
            var visit = await edges.OfferAsync(2, await edges.FullAsync(1, version, host, mode));
            AssertResumed(mode ?? "stateful", null, visit);
            Assert.True(visit.Epoch > after, visit.ToString());
        }
    }

    private static void AssertResumed(string mode, long? epoch, Visit visit) =>
        Assert.True((visit.Kind, visit.Mode) == (HandshakeKind.Resumed, mode) && visit.Epoch == (epoch ?? visit.Epoch), visit.ToString());

    private static void AssertDeclined(string reason, Visit visit) =>
        Assert.True((visit.Kind, visit.Mode, visit.Declined) == (HandshakeKind.Full, "full", reason), visit.ToString());
}
