using Grpc.Core;
using Reprise.Edge.Tests.Harness;
using Reprise.Edge.Tests.Purge;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;
using static Reprise.Edge.Tests.Purge.ThreeEdges;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>
/// The revocation of an epoch that seals no more, as after a leak that was noticed late. It ends what was sealed under that one; what was
/// sealed later only if all stored sessions are to go, as some of them may have begun under it.
/// </summary>
public sealed class RetiredEpochTests(EdgeWorld world)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Revoke_OfARetiredEpoch_EndsLaterStoredSessionsOnlyIfAskedFor(bool purgeSessions)
    {
        await using var edges = await ThreeEdges.StartAsync(world);
        using var admin = edges.Admin();
        var revoked = (await admin.Admin.ListAsync(new ListRequest())).Epochs.Single(epoch => epoch.Sealing).Number;
        var early = await SessionsAsync(edges);
        using (var call = admin.Admin.Rotate(new RotateRequest()))
            Assert.True((await call.ResponseStream.ReadAllAsync().ToListAsync())[^1].Done.Complete);
        var later = await SessionsAsync(edges);

        var steps = await RevokeAsync(admin, revoked, purgeSessions);

        // No successor is needed, so nothing was waited for.
        Assert.Equal(RevokeResponse.ProgressOneofCase.Revoked, steps[0].ProgressCase);
        Assert.True(steps[0].Revoked.Sealing > revoked);
        Assert.Equal(purgeSessions, steps[0].Revoked.Purge > 0);
        Assert.Equal(["edge-1", "edge-2", "edge-3"], steps[^1].Done.Acknowledgements.Nodes.Where(node => node.HasMilliseconds).Select(node => node.Node));
        Assert.Empty(steps[^1].Done.Acknowledgements.Laggards);
        Assert.Equal(EpochState.Destroyed, (await admin.Admin.ListAsync(new ListRequest())).Epochs.Single(epoch => epoch.Number == revoked).State);
        for (var node = 0; node < 3; node++)
        {
            AssertDeclined("unknown_key", await edges.OfferAsync(node, early.Ticket12));
            AssertDeclined("unknown_key", await edges.OfferAsync(node, early.Ticket13));
            AssertResumed("stateless", await edges.OfferAsync(node, later.Ticket12));
            // The node's own memory holds both.
            AssertDeclined(purgeSessions ? "store_miss" : "unknown_key", await edges.OfferAsync(node, early.Id));
            if (purgeSessions)
                AssertDeclined("store_miss", await edges.OfferAsync(node, later.Id));
            else
                AssertResumed("stateful", await edges.OfferAsync(node, later.Id));
        }

        AssertDeclined(purgeSessions ? "store_miss" : "unknown_key", await edges.OfferAsync(2, early.Handle));
        AssertResumed("stateless", await edges.OfferAsync(2, later.Ticket13));
        if (purgeSessions)
            AssertDeclined("store_miss", await edges.OfferAsync(2, later.Handle));
        else
            AssertResumed("stateful", await edges.OfferAsync(2, later.Handle));
        Assert.All(edges.Nodes, node => Assert.Empty(node.Errors));
    }

    // One of each kind, of the epoch that seals now; the session ID is in the memory of every node.
    private static async Task<(Held Ticket12, Held Ticket13, Held Id, Held Handle)> SessionsAsync(ThreeEdges edges)
    {
        var id = await edges.FullAsync(0, "1.2", EdgeSettings.Stateful);
        for (var node = 0; node < 3; node++)
            AssertResumed("stateful", await edges.OfferAsync(node, id));
        return (await edges.FullAsync(0, "1.2", EdgeSettings.Stateless, "stateless"), await edges.FullAsync(1, "1.3", EdgeSettings.Stateless, "stateless"),
            id, await edges.FullAsync(1, "1.3", EdgeSettings.Stateful));
    }

    private static async Task<IReadOnlyList<RevokeResponse>> RevokeAsync(KeyServiceChannel admin, long epoch, bool purgeSessions)
    {
        using var call = admin.Admin.Revoke(new RevokeRequest { Epoch = epoch, PurgeSessions = purgeSessions });
        return await call.ResponseStream.ReadAllAsync().ToListAsync();
    }

    private static void AssertResumed(string mode, Visit visit) => Assert.True((visit.Kind, visit.Mode) == (HandshakeKind.Resumed, mode), visit.ToString());

    private static void AssertDeclined(string reason, Visit visit) =>
        Assert.True((visit.Kind, visit.Mode, visit.Declined) == (HandshakeKind.Full, "full", reason), visit.ToString());
}
