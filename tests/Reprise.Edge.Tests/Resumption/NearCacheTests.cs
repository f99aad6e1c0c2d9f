using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;
using StackExchange.Redis;

namespace Reprise.Edge.Tests.Resumption;

/// <summary>Each profile's own near cache: its limits, its metrics, and what it does not do.</summary>
public sealed class NearCacheTests(EdgeWorld world) : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task NearCache_OfEachProfile_HasItsOwnLimitAndIsCountedApart()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-6", redis: redis.ConnectionString)
            .With("Sessions:NearCacheEntries", 0)
            .With("Profiles:stateful:Resumption:NearCacheEntries", 1000));
        var near = _files.File("near.pem");
        var far = _files.File("far.pem");
        await edge.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, keep: near);
        await edge.VisitAsync("1.2", "other.reprise.test", noTicket: true, keep: far);
        await edge.MetricsSayAsync(now => now.Sum("reprise_near_cache_entries", ("profile", "stateful")) == 1 && now.Sum("reprise_near_cache_entries", ("profile", "default")) == 0);

        // The store forgets: what lies near goes on, what does not is gone.
        await using (var judge = await ConnectionMultiplexer.ConnectAsync($"{redis.ConnectionString},allowAdmin=true"))
            await judge.GetServers().Single().FlushDatabaseAsync();
        var kept = await edge.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, offer: near);
        var lost = await edge.VisitAsync("1.2", "other.reprise.test", noTicket: true, offer: far);

        Assert.True((kept.Kind, kept.Mode) == (HandshakeKind.Resumed, "stateful"), kept.ToString());
        Assert.True((lost.Kind, lost.Declined) == (HandshakeKind.Full, "store_miss"), lost.ToString());
        await edge.MetricsSayAsync(now => now.Sum("reprise_near_cache_requests_total", ("profile", "stateful"), ("result", "hit")) == 1
            && now.Sum("reprise_near_cache_requests_total", ("profile", "default"), ("result", "hit")) == 0);
        Assert.Contains("reprise_near_cache_evictions_total", (await edge.MetricsAsync()).Text, StringComparison.Ordinal);
    }

    // Nothing opens it any more, so it is not kept for the five minutes that it could be.
    [Fact]
    public async Task NearCache_WhenAnEpochIsDestroyed_ForgetsWhatWasSealedUnderIt()
    {
        await using var keys = await world.StartKeyServiceAsync(rotation: new JsonObject
        {
            ["Interval"] = "00:00:05",
            ["DecryptLife"] = "00:00:15",
            ["AcknowledgeTimeout"] = "00:00:02",
        });
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-6", keyService: keys.Ready.GetProperty("grpc").GetString()!));
        await edge.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true);
        await edge.MetricsSayAsync(now => now.Sum("reprise_near_cache_entries", ("profile", "stateful")) == 1);

        await Eventually.TrueAsync(async () => (await edge.MetricsAsync()).Sum("reprise_near_cache_entries", ("profile", "stateful")) == 0, TimeSpan.FromSeconds(60));
    }
}
