using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Edge.Tests.Purge;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;
using static Reprise.Edge.Tests.Explain.ExplainEdges;
using static Reprise.Edge.Tests.Purge.ThreeEdges;

namespace Reprise.Edge.Tests.Explain;

/// <summary>Sessions whose epoch has ended, in each of the ways it can; and nodes that hang or have been started anew.</summary>
public sealed class ExplainedEpochTests(EdgeWorld world)
{
    [Fact]
    public async Task Session_WhoseEpochIsRetiredThenRevoked_IsToldFromOneThatNeverWas()
    {
        await using var edges = await ThreeEdges.StartAsync(world);
        var epoch = await edges.SealingEpochAsync();
        var ticket = await edges.FullAsync(0, "1.3", EdgeSettings.Stateless);
        var id = await edges.FullAsync(0, "1.2", EdgeSettings.Stateful);
        await edges.RotateAsync();
        using var admin = edges.Admin();

        foreach (var held in (Held[])[ticket, id])
        {
            // One still opens under it, for as long as its decrypt life lasts.
            Assert.All((await AskAsync(admin, OfferOf(held))).Values, said =>
                Assert.Equal(("", epoch, EpochState.Retired), (said.Declined, said.Epoch, said.EpochState)));
        }

        await edges.RevokeAsync(epoch);

        foreach (var held in (Held[])[ticket, id])
        {
            Assert.All((await AskAsync(admin, OfferOf(held))).Values, said =>
            {
                Assert.Equal(("unknown_key", epoch, EpochState.Destroyed), (said.Declined, said.Epoch, said.EpochState));
                Assert.True(said.OpenUntil.ToDateTimeOffset() > DateTimeOffset.UtcNow); // its time was not over
                Assert.Equal("", said.Issuer); // nobody can read that any more
            });
            AssertDeclined("unknown_key", await edges.OfferAsync(1, held));
        }

        // A node that was started anew never had that key: of a ticket it can tell nothing, of what is stored the epoch still.
        await edges.RestartAsync(2);
        await Eventually.TrueAsync(() => edges.IsUpToDateAsync("edge-3"));
        Assert.Equal(("unknown_key", 0L), (await SayAsync(ticket)) is var said ? (said.Declined, said.Epoch) : default);
        Assert.Equal(("unknown_key", epoch), (await SayAsync(id)) is var other ? (other.Declined, other.Epoch) : default);

        async Task<SessionExplanation> SayAsync(Held held) => (await AskAsync(admin, OfferOf(held)))["edge-3"];
    }

    // By their dates, without anybody's doing: first the ticket's own time is over, then that of its key.
    [Fact]
    public async Task Ticket_PastItsTime_IsExpiredAndPastItsKeysRetired()
    {
        await using var keys = await world.StartKeyServiceAsync(rotation: new JsonObject
        {
            ["Interval"] = "00:00:06",
            ["DecryptLife"] = "00:00:06",
            ["AcknowledgeTimeout"] = "00:00:02",
            ["MinimumSpacing"] = "00:00:00",
        });
        var address = keys.Ready.GetProperty("grpc").GetString()!;
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-1", keyService: address).With("Profiles:stateless:Resumption:SessionTimeout", "00:00:01"));
        using var files = new TemporaryDirectory();
        var ticket = new Held(files.File("ticket"), "1.2", EdgeSettings.Stateless, NoTicket: false);
        var issued = await edge.VisitAsync("1.2", EdgeSettings.Stateless, keep: ticket.File);
        using var admin = world.Admin(address);

        var said = await UntilAsync(["expired", "retired"]);
        Assert.Equal((issued.Epoch, "edge-1"), (said.Epoch, said.Declined == "expired" ? said.Issuer : "edge-1"));
        said = await UntilAsync(["retired"]);
        Assert.Equal((issued.Epoch, "stateless", ""), (said.Epoch, said.Profile, said.Issuer));
        Assert.True(said.OpenUntil.ToDateTimeOffset() <= DateTimeOffset.UtcNow);
        AssertDeclined("retired", await edge.VisitAsync("1.2", EdgeSettings.Stateless, offer: ticket.File));

        async Task<SessionExplanation> UntilAsync(IReadOnlyList<string> reasons)
        {
            SessionExplanation? last = null;
            await Eventually.TrueAsync(async () => reasons.Contains((last = (await AskAsync(admin, OfferOf(ticket)))["edge-1"]).Declined), TimeSpan.FromSeconds(60));
            return last!;
        }
    }

    [Fact]
    public async Task Node_ThatHangs_IsNamedAndTheOthersAnswer()
    {
        await using var edges = await ThreeEdges.StartAsync(world);
        var held = await edges.FullAsync(0, "1.3", EdgeSettings.Stateless);
        using var admin = edges.Admin();
        await AskAsync(admin, OfferOf(held)); // all three are there

        await edges.Nodes[1].Process.PauseAsync();
        try
        {
            var response = await admin.Admin.ExplainAsync(new ExplainRequest { Offer = OfferOf(held) });

            // For the moment it counts as live.
            var silent = Assert.Single(response.Nodes, node => node.Name == "edge-2");
            Assert.Equal((null, ExplainResponse.Types.NoAnswer.Deadline, "keys-1"), (silent.Explanation, silent.NoAnswer, silent.Service));
            Assert.Equal("", Assert.Single(response.Nodes, node => node.Name == "edge-3").Explanation?.Declined);
        }
        finally
        {
            await edges.Nodes[1].Process.ContinueAsync();
        }
    }
}
