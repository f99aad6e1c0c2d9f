using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Reprise.Testing;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>What clients did with nodes, as the key services know it: whichever of them has the node's stream.</summary>
public sealed class ToldHandshakesTests(EdgeWorld world) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Handshakes_OfTwoNodes_AreToldByBothKeyServices()
    {
        await using var cluster = await TwoKeyServices.StartAsync(world, null, "edge-1", "edge-2");
        var (one, two) = (cluster.Edges[0], cluster.Edges[1]);
        var (id, ticket) = (_files.File("id"), _files.File("ticket"));

        Assert.Equal("full", (await one.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, keep: id)).Mode);
        Assert.Equal("full", (await one.VisitAsync("1.2", EdgeSettings.Stateless, keep: ticket)).Mode);
        Assert.Equal("stateful", (await two.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, offer: id)).Mode);
        Assert.Equal("stateless", (await two.VisitAsync("1.2", EdgeSettings.Stateless, offer: ticket)).Mode);
        Assert.Equal("stateless", (await two.VisitAsync("1.2", EdgeSettings.Stateless, offer: ticket)).Mode);
        Assert.Equal("store_miss", (await two.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, offer: ticket)).Declined);
        // Of a cipher suite that no profile has.
        Assert.Equal(HandshakeKind.None, (await two.VisitAsync("1.2", EdgeSettings.Stateful, arguments: ["-cipher", "AES128-SHA"])).Kind);

        foreach (var service in (int[])[0, 1])
        {
            using var admin = cluster.Admin(service);
            var (first, second) = (new NodeMetadata(), new NodeMetadata());
            await Eventually.TrueAsync(async () =>
            {
                var nodes = (await admin.Admin.NodesAsync(new NodesRequest())).Nodes;
                (first, second) = (nodes.Single(node => node.Name == one.Name), nodes.Single(node => node.Name == two.Name));
                return first.Handshakes?.Full >= 2 && second.Handshakes is { Stateful: >= 1, Stateless: >= 2, Failed: >= 1 } && second.RecentHandshakes is not null;
            }, Patience);
            Assert.Equal(new HandshakeCounts { Full = 2 }, first.Handshakes);
            Assert.Equal(
                new HandshakeCounts { Full = 1, Stateful = 1, Stateless = 2, Failed = 1, ResumedFrom = { Named(one.Name, 3) }, Declined = { Named("store_miss", 1) } },
                second.Handshakes);
            Assert.NotNull(second.HandshakesPerSecond());
        }
    }

    private static NamedCount Named(string name, long count) => new() { Name = name, Count = count };
}
