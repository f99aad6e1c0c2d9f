using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Grpc.Core;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>One key service gone: nobody notices. All of them gone: tickets end when their keys do, and no handshake fails for it.</summary>
public sealed class KeyServiceOutageTests(EdgeWorld world) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task KeyService_FirstOfTwoKilledOrAsleep_NodesGoOnResumingAndMoveOverToTheOther(bool asleep)
    {
        await using var cluster = await TwoKeyServices.StartAsync(world, Spaced(), trace: false, "edge-1", "edge-2");
        var (one, two) = (cluster.Edges[0], cluster.Edges[1]);
        foreach (var edge in cluster.Edges)
            await Eventually.TrueAsync(async () => await cluster.StreamOfAsync(edge.Name, 1) == "keys-1", Patience);
        var (ticket12, ticket13) = (_files.File("ticket12"), _files.File("ticket13"));
        var before = await one.VisitAsync("1.2", EdgeSettings.Stateless, keep: ticket12);
        await one.VisitAsync("1.3", EdgeSettings.Stateless, keep: ticket13);

        var watch = Stopwatch.StartNew();
        await (asleep ? cluster.Services[0].PauseAsync() : cluster.Services[0].KillAsync());

        // All the while, by nodes in turn.
        var turn = 0;
        await Eventually.TrueAsync(async () =>
        {
            var node = cluster.Edges[turn++ % 2];
            AssertResumed(await node.VisitAsync("1.2", EdgeSettings.Stateless, offer: ticket12));
            AssertResumed(await node.VisitAsync("1.3", EdgeSettings.Stateless, offer: ticket13, keep: ticket13));
            return await cluster.StreamOfAsync("edge-1", 1) == "keys-2" && await cluster.StreamOfAsync("edge-2", 1) == "keys-2";
        }, Patience);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"moved over, as seen within {watch.ElapsedMilliseconds} ms"));

        // And the other one does all that the first one did.
        await Eventually.TrueAsync(() => cluster.LeadsAsync(1), Patience);
        var epoch = await RotateAsync(cluster);
        Assert.True(epoch > before.Epoch);
        foreach (var node in cluster.Edges)
            Assert.Equal(epoch, (await node.VisitAsync("1.3", EdgeSettings.Stateless)).Epoch);
        AssertResumed(await two.VisitAsync("1.2", EdgeSettings.Stateless, offer: ticket12));
        Assert.All(cluster.Edges, node => Assert.Empty(node.Errors));
    }

    // DESIGN §5: a node never uses a key past its time, and never makes one of its own.
    [Fact]
    public async Task KeyServices_AllGoneForLongerThanTheKeysLive_TicketsEndAndEveryHandshakeCompletes()
    {
        await using var cluster = await TwoKeyServices.StartAsync(world, new JsonObject
        {
            ["Interval"] = "00:00:03",
            ["DecryptLife"] = "00:00:12",
            ["AcknowledgeTimeout"] = "00:00:02",
        }, trace: false, "edge-1", "edge-2");
        var (one, two) = (cluster.Edges[0], cluster.Edges[1]);
        var tickets = new Dictionary<string, string> { ["1.2"] = _files.File("ticket12"), ["1.3"] = _files.File("ticket13") };
        await Task.WhenAll(cluster.Services.Select(service => service.KillAsync()));
        foreach (var (version, ticket) in tickets)
            Assert.NotNull((await one.VisitAsync(version, EdgeSettings.Stateless, keep: ticket)).Client.TicketLifetimeHint);

        // First nobody seals any more...
        foreach (var node in cluster.Edges)
        {
            foreach (var version in tickets.Keys)
                await Eventually.TrueAsync(async () => (await CompletedAsync(node, version)).Client is { Tickets: 0, HasTicket: false }, Patience);
        }

        // ...while what was sealed still opens, on the other node too, and is not renewed...
        foreach (var (version, ticket) in tickets)
        {
            var visit = await two.VisitAsync(version, EdgeSettings.Stateless, offer: ticket);
            AssertResumed(visit);
            Assert.Equal(0, visit.Client.Tickets);
        }

        // ...and then nothing opens.
        foreach (var node in cluster.Edges)
        {
            foreach (var (version, ticket) in tickets)
                await Eventually.TrueAsync(async () => (await CompletedAsync(node, version, ticket)).Kind is HandshakeKind.Full, Patience);
            foreach (var version in tickets.Keys)
                Assert.Equal(System.Text.Json.JsonValueKind.Null, (await CompletedAsync(node, version)).Report.GetProperty("epoch").ValueKind);
            using var ready = await node.AskAsync("/healthz");
            Assert.True(ready.IsSuccessStatusCode);
        }

        // Keys of seconds: on a slow machine there are moments without one.
        await Task.WhenAll(cluster.StartServiceAsync(0), cluster.StartServiceAsync(1));
        foreach (var (version, ticket) in tickets)
        {
            await Eventually.TrueAsync(async () => (await CompletedAsync(one, version, keep: ticket)).Client.TicketLifetimeHint is not null
                && (await CompletedAsync(two, version, ticket)).Kind is HandshakeKind.Resumed, Patience);
        }

        Assert.All(cluster.Edges, node => Assert.Empty(node.Errors));
    }

    private static JsonObject Spaced() => new() { ["MinimumSpacing"] = "00:00:00", ["AcknowledgeTimeout"] = "00:00:30" };

    private static async Task<Visit> CompletedAsync(EdgeNode node, string version, string? offer = null, string? keep = null)
    {
        var visit = await node.VisitAsync(version, EdgeSettings.Stateless, offer: offer, keep: keep);
        Assert.True(visit.Kind is not HandshakeKind.None, visit.ToString());
        return visit;
    }

    private static async Task<long> RotateAsync(TwoKeyServices cluster)
    {
        using var admin = cluster.Admin(1);
        using var call = admin.Admin.Rotate(new RotateRequest());
        RotateResponse? last = null;
        await foreach (var step in call.ResponseStream.ReadAllAsync())
            last = step;
        Assert.True(last!.Done.Complete, $"{last}");
        return last.Done.Epoch;
    }

    private static void AssertResumed(Visit visit) => Assert.True((visit.Kind, visit.Mode) == (HandshakeKind.Resumed, "stateless"), visit.ToString());
}
