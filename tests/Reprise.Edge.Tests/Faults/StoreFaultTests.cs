using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Faults;

/// <summary>A store that is away or silent costs resumptions, never a handshake (DESIGN §6).</summary>
public sealed class StoreFaultTests(EdgeWorld world) : IDisposable
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Redis_StoppedAndBack_StatefulIsFullMeanwhileAndResumesAgain()
    {
        await using var relay = TcpRelay.Start(world.Redis.Port);
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-4", redis: world.Redis.ConnectionStringTo(relay.Address)));
        var (id, handle, ticket12, ticket13) = (_files.File("id"), _files.File("handle"), _files.File("ticket12"), _files.File("ticket13"));
        await edge.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, keep: id);
        await edge.VisitAsync("1.3", EdgeSettings.Stateful, keep: handle);
        await edge.VisitAsync("1.2", EdgeSettings.Stateless, keep: ticket12);
        await edge.VisitAsync("1.3", EdgeSettings.Stateless, keep: ticket13);

        relay.Refuse();
        relay.CutAll();
        await edge.MetricsSayAsync(now => now.Sum("reprise_store_connected") == 0);

        AssertFull(await edge.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, offer: id), "store_error");
        AssertFull(await edge.VisitAsync("1.3", EdgeSettings.Stateful, offer: handle), "store_error");
        AssertFull(await edge.VisitAsync("1.3", EdgeSettings.Stateful), null);
        Assert.Equal("stateless", (await edge.VisitAsync("1.2", EdgeSettings.Stateless, offer: ticket12)).Mode);
        Assert.Equal("stateless", (await edge.VisitAsync("1.3", EdgeSettings.Stateless, offer: ticket13)).Mode);
        await edge.MetricsSayAsync(now => now.Sum("reprise_sessions_not_stored_total") > 0);
        using (var ready = await edge.AskAsync("/readyz"))
            Assert.True(ready.IsSuccessStatusCode); // it serves

        relay.Accept();
        await Eventually.TrueAsync(async () => (await edge.MetricsAsync()).Sum("reprise_store_connected") == 1, Recovery);
        await edge.VisitAsync("1.3", EdgeSettings.Stateful, keep: handle);
        Assert.Equal("stateful", (await edge.VisitAsync("1.3", EdgeSettings.Stateful, offer: handle)).Mode);
        Assert.Equal("stateful", (await edge.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, offer: id)).Mode); // it was never lost
        Assert.Empty(edge.Errors);
        Assert.Single(edge.Process.Lines, line => line.Contains("connection lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Redis_Silent_HandshakesGoOnAfterTheBudget()
    {
        await using var relay = TcpRelay.Start(world.Redis.Port);
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-5", redis: world.Redis.ConnectionStringTo(relay.Address))
            .With("Sessions:LookupBudget", "00:00:00.020").With("Sessions:StoreBudget", "00:00:00.020").With("Sessions:NearCacheEntries", 0));
        var (id, handle) = (_files.File("id"), _files.File("handle"));
        await edge.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, keep: id);
        await edge.VisitAsync("1.3", EdgeSettings.Stateful, keep: handle);

        relay.Stalled = true;

        // Either the budget ended the wait, or the connection to the store was given up before.
        var byId = await edge.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, offer: id);
        var byHandle = await edge.VisitAsync("1.3", EdgeSettings.Stateful, offer: handle);
        Assert.Equal((HandshakeKind.Full, HandshakeKind.Full), (byId.Kind, byHandle.Kind));
        Assert.All([byId.Declined, byHandle.Declined], reason => Assert.Contains(reason, (string[])["store_timeout", "store_error"]));
        await edge.MetricsSayAsync(now => now.Sum("reprise_sessions_not_stored_total") >= 2 && now.Failures("internal") == 0);
        Assert.Empty(edge.Errors);
    }

    // The breaker's half-open probes are a minute apart here: once it is open, a handshake costs the store nothing, and itself no wait.
    [Fact]
    public async Task Redis_SilentUntilTheBreakerOpens_IsAskedNoMore()
    {
        await using var redis = await RedisServer.StartAsync(new RedisOptions { Kind = world.Redis.Kind is RedisKind.Garnet ? RedisKind.Local : world.Redis.Kind });
        await using var relay = TcpRelay.Start(redis.Port);
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-5", redis: redis.ConnectionStringTo(relay.Address))
            .With("Sessions:LookupBudget", "00:00:00.020").With("Sessions:StoreBudget", "00:00:00.020").With("Sessions:BreakDuration", "00:01:00").With("Sessions:NearCacheEntries", 0));
        using var id = await QuickClient.VisitAsync(edge, "1.2");
        using var handle = await QuickClient.VisitAsync(edge, "1.3");
        relay.AnswersStalled = true;

        await Eventually.TrueAsync(
            async () =>
            {
                var before = await CallsAsync();
                for (var i = 0; i < 10; i++)
                {
                    using var byId = await QuickClient.VisitAsync(edge, "1.2", id.Session);
                    using var byHandle = await QuickClient.VisitAsync(edge, "1.3", handle.Session);
                    Assert.Equal((false, false), (byId.Resumed, byHandle.Resumed));
                }

                return await CallsAsync() == before;
            },
            Recovery);
        await edge.MetricsSayAsync(now => now.Sum("reprise_store_breaker", ("calls", "lookups")) == 1 && now.Sum("reprise_store_breaker", ("calls", "stores")) == 1);
        Assert.Empty(edge.Errors);

        Task<long> CallsAsync() => redis.Cli.CallsAsync("set", "get", "getdel", "mget", "eval", "evalsha");
    }

    [Fact]
    public async Task Start_WithoutRedis_ListensAndUsesItWhenItComes()
    {
        await using var relay = TcpRelay.Start(world.Redis.Port);
        relay.Refuse();
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-6", redis: world.Redis.ConnectionStringTo(relay.Address)));
        var session = _files.File("session");

        AssertFull(await edge.VisitAsync("1.3", EdgeSettings.Stateful), null);
        Assert.Contains(edge.Process.Lines, line => line.Contains("Session store: not reachable", StringComparison.Ordinal));
        relay.Accept();
        await Eventually.TrueAsync(async () => (await edge.MetricsAsync()).Sum("reprise_store_connected") == 1, Recovery);
        await edge.VisitAsync("1.3", EdgeSettings.Stateful, keep: session);

        Assert.Equal("stateful", (await edge.VisitAsync("1.3", EdgeSettings.Stateful, offer: session)).Mode);
    }

    private static void AssertFull(Visit visit, string? declined)
    {
        Assert.True(visit.Kind is HandshakeKind.Full, visit.ToString());
        Assert.Equal(("full", declined), (visit.Mode, visit.Declined));
    }
}
