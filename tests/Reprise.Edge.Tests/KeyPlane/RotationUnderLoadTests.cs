using System.Globalization;
using System.Text.Json.Nodes;
using Grpc.Core;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>
/// Ten rotations while clients come back all the time: none of them may notice. Three nodes serve. One of them hears and is heard late;
/// a fourth is asleep whenever a key is staged, so that each rotation waits for it to the deadline and goes on without it. Of that one
/// nothing is claimed while it sleeps (nobody connects to it), but that it names itself a laggard and opens everything when it is back.
/// </summary>
[Collection(Alone.Name)]
public sealed class RotationUnderLoadTests(EdgeWorld world) : IDisposable
{
    private const int Rotations = 10;
    private const int HandshakesPerRotation = 500;
    private const string Late = "edge-3";
    private const string Asleep = "edge-4";

    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan AcknowledgeTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Rotate_TenTimesUnderConstantReconnects_CostsNoTicket()
    {
        await using var keys = await world.StartKeyServiceAsync(rotation: new JsonObject { ["AcknowledgeTimeout"] = $"{AcknowledgeTimeout}", ["MinimumSpacing"] = "00:00:00" });
        var address = keys.Ready.GetProperty("grpc").GetString()!;
        await using var relay = TcpRelay.Start(address);
        var starting = new[] { ("edge-1", address), ("edge-2", address), (Late, relay.Address), (Asleep, address) }
            .Select(node => world.StartEdgeAsync(world.Settings(node.Item1, keyService: node.Item2))).ToList();
        var nodes = await Task.WhenAll(starting);
        var (serving, asleep) = (nodes[..3], nodes[3]);
        try
        {
            relay.DelayToClient = relay.DelayToTarget = Delay;
            await RotateUnderLoadAsync(serving, asleep, address);
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }

    private async Task RotateUnderLoadAsync(EdgeNode[] serving, EdgeNode asleep, string address)
    {
        // Judges that we did not write: one handshake before all of it, the next after all of it, with the same ticket.
        var judges = new Dictionary<string, string> { ["1.2"] = _files.File("ticket12"), ["1.3"] = _files.File("ticket13") };
        foreach (var (version, ticket) in judges)
            Assert.Equal(HandshakeKind.Full, (await serving[0].VisitAsync(version, EdgeSettings.Stateless, keep: ticket)).Kind);

        using var admin = world.Admin(address);
        var epochs = new List<long>();
        await using var clients = new ReturningClients(serving);
        for (var rotation = 0; rotation < Rotations; rotation++)
        {
            var before = clients.Resumed;
            await asleep.Process.PauseAsync();
            var done = await RotateAsync(admin);
            await asleep.Process.ContinueAsync();

            AssertWaitedFor(done);
            epochs.Add(done.Epoch);
            await Eventually.TrueAsync(() => HasCaughtUpAsync(admin), Patience);
            await Eventually.TrueAsync(() => clients.Resumed - before >= HandshakesPerRotation, Patience);
        }

        await clients.StopAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{clients.Fresh + clients.Resumed} handshakes, {clients.Resumed} of them resumed, {clients.HandshakesPerSecond:F0}/s, {Rotations} rotations"));

        Assert.Empty(clients.Complaints);
        Assert.True(clients.Resumed >= Rotations * HandshakesPerRotation);
        Assert.Equal(epochs.Order().Distinct(), epochs);
        await AssertNodesSayTheSameAsync(serving, clients, judges.Count);
        foreach (var (version, ticket) in judges)
        {
            // The ticket of an epoch that has retired ten times over, also where nobody has been before.
            foreach (var node in new[] { serving[1], serving[2], asleep })
            {
                var visit = await node.VisitAsync(version, EdgeSettings.Stateless, offer: ticket);
                Assert.True((visit.Kind, visit.Mode, visit.Issuer) == (HandshakeKind.Resumed, "stateless", "edge-1"), visit.ToString());
                Assert.True(visit.Epoch < epochs[0]);
            }

            Assert.Equal(epochs[^1], (await asleep.VisitAsync(version, EdgeSettings.Stateless)).Epoch);
        }

        Assert.All(serving.Append(asleep), node => Assert.Empty(node.Errors));
    }

    private static async Task<RotateResponse.Types.Done> RotateAsync(KeyServiceChannel admin)
    {
        using var call = admin.Admin.Rotate(new RotateRequest());
        RotateResponse? last = null;
        await foreach (var step in call.ResponseStream.ReadAllAsync())
            last = step;
        return last!.Done;
    }

    // The late one was waited for, there and back; the one asleep in vain.
    private static void AssertWaitedFor(RotateResponse.Types.Done done)
    {
        Assert.False(done.Complete);
        Assert.Equal(["edge-1", "edge-2", Late], done.Nodes.Where(node => node.HasStagedMilliseconds).Select(node => node.Node));
        Assert.Equal(["edge-1", "edge-2", Late, Asleep], done.Nodes.Select(node => node.Node));
        Assert.True(done.Nodes.Single(node => node.Node == Late).StagedMilliseconds >= 2 * Delay.TotalMilliseconds, $"{done}");
        Assert.True(done.Milliseconds >= AcknowledgeTimeout.TotalMilliseconds, $"{done}");
    }

    private static async Task<bool> HasCaughtUpAsync(KeyServiceChannel admin)
    {
        var list = await admin.Admin.NodesAsync(new NodesRequest());
        return list.Nodes.Single(node => node.Name == Asleep).AcknowledgedGeneration == list.Generation;
    }

    // A full handshake for each client that held no ticket, and not one more; of those that did, none was declined.
    private static async Task AssertNodesSayTheSameAsync(EdgeNode[] serving, ReturningClients clients, int judges)
    {
        var (full, resumed, declined) = (0.0, 0.0, 0.0);
        foreach (var node in serving)
        {
            var now = await node.MetricsAsync();
            full += now.Sum("reprise_handshakes_total", ("mode", "full"), ("result", "ok"));
            resumed += now.Sum("reprise_handshakes_total", ("mode", "stateless"), ("result", "ok"));
            declined += now.Sum("reprise_declines_total");
        }

        Assert.Equal((clients.Fresh + judges, clients.Resumed, 0), (full, resumed, declined));
    }
}
