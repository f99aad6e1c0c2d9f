using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Resumption;

/// <summary>A TLS 1.3 handle is worth one resumption in the whole cluster, whoever presents it when and where.</summary>
public sealed class SingleUseTests(EdgeWorld world)
{
    private const int Clients = 50;
    private const int Rounds = 5;
    private const int Tries = 3 * Rounds;

    [Fact]
    public async Task Handle_PresentedByFiftyClientsToThreeNodesAtOnce_ResumesOnce()
    {
        // On its way to the store a question is long enough that the nodes' questions overlap.
        await using var relay = TcpRelay.Start(world.Redis.Port);
        relay.DelayToTarget = TimeSpan.FromMilliseconds(30);
        var redis = world.Redis.ConnectionStringTo(relay.Address);
        var starting = (string[])["edge-4", "edge-5", "edge-6"];
        var nodes = await Task.WhenAll(starting.Select(name => world.StartEdgeAsync(world.Settings(name, redis: redis))));
        try
        {
            var done = 0;
            for (var attempt = 0; done < Rounds; attempt++)
            {
                Assert.True(attempt < Tries, "The store was late for nearly all rounds.");
                if (await PresentAsync(nodes))
                    done++;
            }

            Assert.All(nodes, node => Assert.Empty(node.Errors));
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }

    /// <returns>False where a question to the store failed on a busy machine: that handle may be gone with nobody's resumption.</returns>
    private static async Task<bool> PresentAsync(EdgeNode[] nodes)
    {
        using var first = await QuickClient.VisitAsync(nodes[0], "1.3");
        Assert.NotNull(first.Session);
        var before = await ReadAsync(nodes);
        using var atOnce = new Barrier(Clients);
        var copies = Enumerable.Range(0, Clients).Select(_ => first.Session.Copy()).ToArray();

        var visits = await Task.WhenAll(copies.Select((copy, i) => QuickClient.VisitAsync(nodes[i % nodes.Length], "1.3", copy, atOnce)));

        var resumed = visits.Count(visit => visit.Resumed);
        foreach (var used in visits.AsEnumerable<IDisposable>().Concat(copies))
            used.Dispose();
        Assert.InRange(resumed, 0, 1);
        // Both views: each handshake is in the metrics, and the resumed ones are those that the clients saw.
        Counts now = default;
        await Eventually.TrueAsync(
            async () => (now = await ReadAsync(nodes) - before).Handshakes == Clients && now.Resumed + now.Spent + now.Faults == Clients,
            TimeSpan.FromSeconds(30));
        Assert.Equal(resumed, now.Resumed);
        if (now.Faults > 0)
            return false;
        Assert.Equal(1, resumed);
        return true;
    }

    private static async Task<Counts> ReadAsync(EdgeNode[] nodes)
    {
        var all = await Task.WhenAll(nodes.Select(node => node.MetricsAsync()));
        return new Counts(
            all.Sum(node => node.Handshakes("TLSv1.3", "full") + node.Handshakes("TLSv1.3", "stateful")),
            all.Sum(node => node.Handshakes("TLSv1.3", "stateful")),
            all.Sum(node => node.Declines("spent")),
            all.Sum(node => node.StoreFaults));
    }

    private readonly record struct Counts(double Handshakes, double Resumed, double Spent, double Faults)
    {
        public static Counts operator -(Counts now, Counts before) =>
            new(now.Handshakes - before.Handshakes, now.Resumed - before.Resumed, now.Spent - before.Spent, now.Faults - before.Faults);
    }
}
