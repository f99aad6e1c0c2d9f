using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Grpc.Core;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>One of two key services gone, with a word or without: no client notices, and the other one does all that it did.</summary>
public sealed class FailoverTests(EdgeWorld world) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task KeyService_OneOfTwoKilledOrAsleep_NodesGoOnResumingAndMoveOverToTheOther(bool asleep)
    {
        await using var cluster = await TwoKeyServices.StartAsync(world, Spaced(), "edge-1", "edge-2");
        var (one, two) = (cluster.Edges[0], cluster.Edges[1]);
        // The first one, unless a busy machine has made it so slow that the node has left it already.
        string? lost = null;
        await Eventually.TrueAsync(async () => (lost = await cluster.StreamOfAsync(one.Name, 1)) is not null && await cluster.StreamOfAsync(two.Name, 1) is not null, Patience);
        var (from, to) = lost == "keys-1" ? (0, 1) : (1, 0);
        var (ticket12, ticket13) = (_files.File("ticket12"), _files.File("ticket13"));
        var before = await one.VisitAsync("1.2", EdgeSettings.Stateless, keep: ticket12);
        await one.VisitAsync("1.3", EdgeSettings.Stateless, keep: ticket13);

        var watch = Stopwatch.StartNew();
        await (asleep ? cluster.Services[from].PauseAsync() : cluster.Services[from].KillAsync());

        // All the while, by nodes in turn.
        var turn = 0;
        await Eventually.TrueAsync(async () =>
        {
            var node = cluster.Edges[turn++ % 2];
            AssertResumed(await node.VisitAsync("1.2", EdgeSettings.Stateless, offer: ticket12));
            AssertResumed(await node.VisitAsync("1.3", EdgeSettings.Stateless, offer: ticket13, keep: ticket13));
            return await cluster.StreamOfAsync(one.Name, to) == $"keys-{to + 1}" && await cluster.StreamOfAsync(two.Name, to) == $"keys-{to + 1}";
        }, Patience);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"moved over, as seen within {watch.ElapsedMilliseconds} ms"));

        // And the other one does all that the first one did.
        await Eventually.TrueAsync(() => cluster.LeadsAsync(to), Patience);
        var epoch = await RotateAsync(cluster, to);
        Assert.True(epoch > before.Epoch);
        foreach (var node in cluster.Edges)
            Assert.Equal(epoch, (await node.VisitAsync("1.3", EdgeSettings.Stateless)).Epoch);
        AssertResumed(await two.VisitAsync("1.2", EdgeSettings.Stateless, offer: ticket12));
        Assert.All(cluster.Edges, node => Assert.Empty(node.Errors));
    }

    private static JsonObject Spaced() => new() { ["MinimumSpacing"] = "00:00:00", ["AcknowledgeTimeout"] = "00:00:30" };

    private static async Task<long> RotateAsync(TwoKeyServices cluster, int service)
    {
        using var admin = cluster.Admin(service);
        using var call = admin.Admin.Rotate(new RotateRequest());
        RotateResponse? last = null;
        await foreach (var step in call.ResponseStream.ReadAllAsync())
            last = step;
        Assert.True(last!.Done.Complete, $"{last}");
        return last.Done.Epoch;
    }

    private static void AssertResumed(Visit visit) => Assert.True((visit.Kind, visit.Mode) == (HandshakeKind.Resumed, "stateless"), visit.ToString());
}
