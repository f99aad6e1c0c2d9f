using Google.Protobuf;
using Reprise.Edge.Tests.Harness;
using Reprise.Edge.Tests.Purge;
using Reprise.KeyProtocol.V1;
using static Reprise.Edge.Tests.Explain.ExplainEdges;
using static Reprise.Edge.Tests.Purge.ThreeEdges;

namespace Reprise.Edge.Tests.Explain;

/// <summary>
/// What nodes say that they would do with a session is what they do with it, and to say it changes nothing. Sessions are those that s_client
/// writes; they are asked about as an operator does, through the key service.
/// </summary>
public sealed class ExplainTests(ExplainEdges fixture) : IClassFixture<ExplainEdges>
{
    private static readonly string[] s_everyNode = ["edge-1", "edge-2", "edge-3"];

    public static TheoryData<string, string, string?, SessionKind> Kinds => new()
    {
        { "1.2", EdgeSettings.Stateless, "ticket", SessionKind.Ticket },
        { "1.3", EdgeSettings.Stateless, "ticket", SessionKind.Ticket },
        { "1.2", EdgeSettings.Stateful, null, SessionKind.SessionId },
        { "1.3", EdgeSettings.Stateful, null, SessionKind.Handle },
    };

    private ThreeEdges Edges => fixture.Edges;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Session_OfEachKind_IsToldAndWouldBeResumedByAll(string version, string host, string? mode, SessionKind kind)
    {
        var held = await Edges.FullAsync(0, version, host, mode);
        var epoch = await Edges.SealingEpochAsync();

        var answers = await AskAsync(OfferOf(held));

        Assert.Equal(s_everyNode, answers.Keys);
        foreach (var said in answers.Values)
        {
            Assert.Equal(("", false), (said.Declined, said.NotServed));
            Assert.Equal((kind, host[..host.IndexOf('.')], host[..host.IndexOf('.')]), (said.Kind, said.Profile, said.OfferedTo));
            Assert.Equal((epoch, EpochState.Active, "edge-1", version == "1.3" ? 0x0304u : 0x0303u), (said.Epoch, said.EpochState, said.Issuer, said.TlsVersion));
            Assert.InRange(said.OriginalHandshake.ToDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
            Assert.InRange(said.ExpiresAt.ToDateTimeOffset() - said.OriginalHandshake.ToDateTimeOffset(), TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(61));
            Assert.Equal((version == "1.2", version == "1.2"), (said.HasExtendedMasterSecret, said.ExtendedMasterSecret));
            Assert.Equal(kind is not SessionKind.Ticket, said.StoredBytes > 0);
        }

        Assert.Equal(kind is SessionKind.SessionId, answers["edge-1"].Nearby); // who made it has it
        Assert.False(answers["edge-2"].Nearby);
        AssertResumed(kind is SessionKind.Ticket ? "stateless" : "stateful", await Edges.OfferAsync(1, held));
    }

    // Asked by whoever likes to, and by as many as like to: the client still comes first.
    [Fact]
    public async Task Handle_AskedAboutManyTimes_IsNotUsedUpNotKeptAndNotCounted()
    {
        var (handle, id) = (await Edges.FullAsync(0, "1.3", EdgeSettings.Stateful), await Edges.FullAsync(0, "1.2", EdgeSettings.Stateful));
        var before = await Edges.Nodes[1].MetricsAsync();

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("", (await AskAsync(OfferOf(handle)))["edge-2"].Declined);
            Assert.Equal("", (await AskAsync(OfferOf(id)))["edge-2"].Declined);
        }

        var after = await Edges.Nodes[1].MetricsAsync();
        foreach (var counter in (string[])["reprise_declines_total", "reprise_near_cache_requests_total", "reprise_near_cache_entries", "reprise_store_lookup_duration_seconds_count", "reprise_handshakes_total"])
            Assert.Equal((counter, before.Sum(counter)), (counter, after.Sum(counter)));
        AssertResumed("stateful", await Edges.OfferAsync(1, handle));
    }

    [Fact]
    public async Task Handle_ThatWasUsed_IsSpent()
    {
        var handle = await Edges.FullAsync(0, "1.3", EdgeSettings.Stateful);
        AssertResumed("stateful", await Edges.OfferAsync(2, handle));

        var answers = await AskAsync(OfferOf(handle));

        Assert.All(answers.Values, said => Assert.Equal(("spent", "", 0L, SessionKind.Handle), (said.Declined, said.Issuer, said.Epoch, said.Kind)));
        AssertDeclined("spent", await Edges.OfferAsync(0, handle));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Session_OfferedToAnotherProfile_IsDeclinedAsThatOneDoes(string version, string host, string? mode, SessionKind kind)
    {
        var held = await Edges.FullAsync(0, version, host, mode);
        var opposite = host == EdgeSettings.Stateful ? EdgeSettings.Stateless : EdgeSettings.Stateful;

        var byName = await AskAsync(OfferOf(held, profile: Default));
        var byHost = await AskAsync(OfferOf(held, serverName: opposite));
        var unserved = await AskAsync(OfferOf(held, profile: "nobody"));

        Assert.All(byName.Values, said => Assert.Equal((kind is SessionKind.Ticket ? "unknown_key" : "scope", Default), (said.Declined, said.OfferedTo)));
        Assert.All(byHost.Values, said => Assert.Equal("policy", said.Declined));
        // Whose it is can be told all the same.
        Assert.All(byName.Values.Concat(byHost.Values), said => Assert.Equal((host[..host.IndexOf('.')], "edge-1"), (said.Profile, said.Issuer)));
        Assert.All(unserved.Values, said => Assert.Equal((true, "", ""), (said.NotServed, said.Profile, said.Declined)));
        AssertDeclined(byName["edge-2"].Declined, await Edges.OfferAsync(1, held with { Host = Other }));
    }

    [Fact]
    public async Task Ticket_TamperedWithAnywhere_OpensNowhere()
    {
        var offer = OfferOf(await Edges.FullAsync(0, "1.3", EdgeSettings.Stateless));
        var ticket = offer.Session.ToByteArray();
        foreach (var at in (int[])[0, 15, 16, 40, ticket.Length / 2, ticket.Length - 33, ticket.Length - 1])
        {
            var changed = (byte[])ticket.Clone();
            changed[at] ^= 1;

            var said = (await AskAsync(new SessionOffer { Session = ByteString.CopyFrom(changed) }))["edge-2"];

            // Its key name is in the clear: as long as that is whole, its epoch is known.
            Assert.Equal(("unknown_key", "", at >= 16), (said.Declined, said.Issuer, said.Epoch != 0));
        }

        Assert.Equal("unknown_key", (await AskAsync(new SessionOffer { Session = ByteString.CopyFrom(ticket[..^1]) }))["edge-2"].Declined);
    }

    [Fact]
    public async Task Bytes_OfNobody_AreDeclinedByAllAndHarmNobody()
    {
        foreach (var length in (int[])[1, 15, 16, 31, 32, 33, 64, 80, 1000, 65535])
        {
            var bytes = new byte[length];
            Random.Shared.NextBytes(bytes);
            foreach (var kind in Enum.GetValues<SessionKind>())
            {
                var answers = await AskAsync(new SessionOffer { Session = ByteString.CopyFrom(bytes), Kind = kind });

                var expected = kind is SessionKind.Ticket || (kind is SessionKind.Unspecified && length > 32) ? "unknown_key" : "store_miss";
                Assert.All(answers.Values, said => Assert.Equal((length, kind, expected, ""), (length, kind, said.Declined, said.OfferedTo)));
                Assert.Equal(s_everyNode, answers.Keys);
            }
        }

        Assert.All(Edges.Nodes, node => Assert.Empty(node.Errors));
    }

    // The answer is for people's eyes and scripts' files.
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Answer_Always_HoldsNoSecretAndNoPartOfTheSession(string version, string host, string? mode, SessionKind kind)
    {
        var held = await Edges.FullAsync(0, version, host, mode);
        var secret = MasterSecretOf(held.File);

        using var admin = Edges.Admin();
        var response = await admin.Admin.ExplainAsync(new ExplainRequest { Offer = OfferOf(held) });

        Assert.Contains(response.Nodes, node => node.Explanation?.Kind == kind);
        Assert.Contains(secret.Length, (int[])[32, 48]);
        foreach (var hidden in (byte[][])[secret, OfferOf(held).Session.ToByteArray()])
            Assert.Equal(-1, response.ToByteArray().AsSpan().IndexOf(hidden.AsSpan(0, 16)));
    }

    private static byte[] MasterSecretOf(string file)
    {
        var session = new System.Formats.Asn1.AsnReader(DerOf(file), System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        for (var i = 0; i < 4; i++)
            session.ReadEncodedValue();
        return session.ReadOctetString();
    }

    private async Task<SortedDictionary<string, SessionExplanation>> AskAsync(SessionOffer offer)
    {
        using var admin = Edges.Admin();
        return await ExplainEdges.AskAsync(admin, offer);
    }
}
