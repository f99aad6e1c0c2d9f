using Reprise.Edge.Tests.Harness;
using Reprise.Edge.Tests.Purge;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;
using static Reprise.Edge.Tests.Purge.ThreeEdges;

namespace Reprise.Edge.Tests.Switches;

/// <summary>One call switches a kind of resumption on all nodes, judged by OpenSSL's client: what is off ends at once and for good.</summary>
public sealed class SwitchTests(EdgeWorld world)
{
    [Fact]
    public async Task Stateless_OffAndOnAgain_EndsAllTicketsFromBefore()
    {
        await using var edges = await ThreeEdges.StartAsync(world);
        var held = new[] { await edges.FullAsync(0, "1.2", EdgeSettings.Stateless, "stateless"), await edges.FullAsync(1, "1.3", EdgeSettings.Stateless, "stateless") };
        foreach (var ticket in held)
            AssertResumed("stateless", await edges.OfferAsync(2, ticket));

        await SetAsync(edges, new() { Profile = "stateless", Stateless = false });

        for (var node = 0; node < 3; node++)
        {
            foreach (var ticket in held)
                AssertDeclined("policy", await edges.OfferAsync(node, ticket));
        }

        // Another profile is not concerned.
        var other = await edges.FullAsync(0, "1.2", Other, "stateless");
        AssertResumed("stateless", await edges.OfferAsync(1, other));

        await SetAsync(edges, new() { Profile = "stateless", Stateless = true });
        for (var node = 0; node < 3; node++)
        {
            foreach (var ticket in held)
                AssertDeclined("unknown_key", await edges.OfferAsync(node, ticket));
        }

        foreach (var version in new[] { "1.2", "1.3" })
            AssertResumed("stateless", await edges.OfferAsync(1, await edges.FullAsync(0, version, EdgeSettings.Stateless, "stateless")));
    }

    [Fact]
    public async Task Stateful_OffAndOnAgain_EndsAllSessionsFromBeforeAndTls13GetsTicketsMeanwhile()
    {
        await using var edges = await ThreeEdges.StartAsync(world);
        var id = await edges.FullAsync(0, "1.2", Other);
        for (var node = 0; node < 3; node++) // and so into every near cache
            AssertResumed("stateful", await edges.OfferAsync(node, id));
        var handle = await edges.FullAsync(0, "1.3", Other);
        var second = await edges.FullAsync(0, "1.3", Other);

        await SetAsync(edges, new() { Profile = Default, Stateful = false });

        for (var node = 0; node < 3; node++)
            AssertDeclined("policy", await edges.OfferAsync(node, id));
        AssertDeclined("policy", await edges.OfferAsync(1, handle));
        AssertResumed("stateless", await edges.OfferAsync(2, await edges.FullAsync(0, "1.3", Other)));

        await SetAsync(edges, new() { Profile = Default, Stateful = true });
        for (var node = 0; node < 3; node++)
            AssertDeclined("store_miss", await edges.OfferAsync(node, id));
        AssertDeclined("store_miss", await edges.OfferAsync(1, second));
        foreach (var version in new[] { "1.2", "1.3" })
            AssertResumed("stateful", await edges.OfferAsync(1, await edges.FullAsync(0, version, Other)));
    }

    [Fact]
    public async Task Stateful_OnWhereTheConfigurationHasItOff_HoldsOverRestartsOfNodesAndOfTheKeyService()
    {
        await using var edges = await ThreeEdges.StartAsync(world);
        await SetAsync(edges, new() { Profile = "stateless", Stateful = true });
        AssertResumed("stateful", await edges.OfferAsync(1, await edges.FullAsync(0, "1.2", EdgeSettings.Stateless)));

        await edges.RestartAsync(1);
        AssertResumed("stateful", await edges.OfferAsync(1, await edges.FullAsync(0, "1.2", EdgeSettings.Stateless)));

        // It remembers nothing; the nodes do, and tell it.
        await edges.RestartKeyServiceAsync();
        await edges.RestartAsync(2);
        AssertResumed("stateful", await edges.OfferAsync(2, await edges.FullAsync(1, "1.2", EdgeSettings.Stateless)));
        using var admin = edges.Admin();
        Assert.True((await admin.Admin.ListAsync(new())).Switches.Single() is { Profile: "stateless", Stateful: true, HasStateless: false });
        await Eventually.TrueAsync(async () => (await admin.Admin.NodesAsync(new())).Nodes.All(node => node.Profiles.Single(profile => profile.Name == "stateless") is { Stateful: true, Stateless: true }));
    }

    private static async Task SetAsync(ThreeEdges edges, SetResumptionRequest request)
    {
        using var admin = edges.Admin();
        var set = await admin.Admin.SetResumptionAsync(request);
        Assert.Equal(["edge-1", "edge-2", "edge-3"], set.Acknowledgements.Nodes.Where(node => node.HasMilliseconds).Select(node => node.Node));
    }

    private static void AssertResumed(string mode, Visit visit) => Assert.True((visit.Kind, visit.Mode) == (HandshakeKind.Resumed, mode), visit.ToString());

    private static void AssertDeclined(string reason, Visit visit) =>
        Assert.True((visit.Kind, visit.Mode, visit.Declined) == (HandshakeKind.Full, "full", reason), visit.ToString());
}
