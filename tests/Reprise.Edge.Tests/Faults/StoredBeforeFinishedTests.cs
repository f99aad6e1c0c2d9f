using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Faults;

/// <summary>A client that knows of its session can resume it anywhere, at once; a store that is late costs that, and nothing else (DESIGN §3).</summary>
public sealed class StoredBeforeFinishedTests(EdgeWorld world)
{
    private const int Rounds = 40;

    // A delay of nothing is the narrowest race; the others are far longer than a client needs to come back.
    [Theory]
    [InlineData("1.2", 0)]
    [InlineData("1.2", 40)]
    [InlineData("1.3", 0)]
    [InlineData("1.3", 40)]
    public async Task Session_OfferedElsewhereInTheMomentItIsKnown_AlwaysResumes(string version, int delay)
    {
        await using var relay = TcpRelay.Start(world.Redis.Port);
        await using var first = await world.StartEdgeAsync(world.Settings("edge-4", redis: world.Redis.ConnectionStringTo(relay.Address)));
        await using var second = await world.StartEdgeAsync(world.Settings("edge-5"));
        relay.DelayToTarget = TimeSpan.FromMilliseconds(delay);

        var resumed = 0;
        for (var round = 0; round < Rounds; round++)
        {
            using var full = await QuickClient.VisitAsync(first, version);
            Assert.False(full.Resumed);
            Assert.NotNull(full.Session);
            using var again = await QuickClient.VisitAsync(second, version, full.Session);
            resumed += again.Resumed ? 1 : 0;
        }

        var protocol = $"TLSv{version}";
        await first.MetricsSayAsync(now => now.Handshakes(protocol, "full") == Rounds);
        await second.MetricsSayAsync(now => now.Handshakes(protocol, "stateful") == resumed && now.Resumptions("edge-4", "edge-5") == resumed);
        // Only where the store itself gave no answer, as it may on a machine that stood still for a second; each of those is counted.
        var late = (await first.MetricsAsync()).Sum("reprise_sessions_not_stored_total") + (await second.MetricsAsync()).StoreFaults;
        Assert.InRange(late, 0, 3);
        Assert.InRange(resumed, Rounds - late, Rounds);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Store_PastItsBudget_TheHandshakeCompletesAndIsCounted(string version)
    {
        const int Visits = 10;
        await using var relay = TcpRelay.Start(world.Redis.Port);
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-4", redis: world.Redis.ConnectionStringTo(relay.Address))
            .With("Sessions:StoreBudget", "00:00:00.020"));
        relay.AnswersStalled = true;

        for (var i = 0; i < Visits; i++)
        {
            using var visit = await QuickClient.VisitAsync(edge, version);
            Assert.False(visit.Resumed);
        }

        await edge.MetricsSayAsync(now =>
            now.Sum("reprise_sessions_not_stored_total") == Visits && now.Handshakes($"TLSv{version}", "full") == Visits && now.Failures("internal") == 0);
        Assert.Empty(edge.Errors);
    }

    // No clock decides: on a loop that waits for the store, nobody else's handshake could ever complete while all of these wait.
    [Fact]
    public async Task Stores_OfAHundredConnectionsUnanswered_LeaveTheOnlyLoopToTheOthers()
    {
        const int Held = 100;
        await using var relay = TcpRelay.Start(world.Redis.Port);
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-4", redis: world.Redis.ConnectionStringTo(relay.Address)).With("Edge:Loops", 1));
        await edge.VisitAsync("1.3", EdgeSettings.Stateless); // compiled

        await Eventually.TrueAsync(
            async () =>
            {
                var before = relay.BytesToTarget;
                relay.AnswersStalled = true;
                var held = Enumerable.Range(0, Held).Select(_ => QuickClient.VisitAsync(edge, "1.2")).ToList();
                await Eventually.TrueAsync(() => relay.BytesToTarget > before || held.Any(visit => visit.IsCompleted)); // they have come as far as the store
                var other = await edge.VisitAsync("1.3", EdgeSettings.Stateless);
                var heldMeanwhile = held.Count(visit => !visit.IsCompleted);
                relay.Heal();
                foreach (var visit in await Task.WhenAll(held))
                    visit.Dispose(); // and all of them complete
                return other.Kind is HandshakeKind.Full && heldMeanwhile == Held;
            },
            TimeSpan.FromSeconds(120));

        await edge.MetricsSayAsync(now => now.Handshakes("TLSv1.2", "full") % Held == 0 && now.Failures("internal") == 0);
        Assert.Empty(edge.Errors);
    }
}
