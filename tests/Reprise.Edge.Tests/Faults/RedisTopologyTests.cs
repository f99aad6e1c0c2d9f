using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Faults;

/// <summary>Redis as people run it: a failover or a resharding may cost sessions of the moment, never a handshake.</summary>
public sealed class RedisTopologyTests(EdgeWorld world)
{
    private const string Password = "the-servers-password";

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Cluster_SessionsOnAllMasters_ResumeOnTheOtherNode()
    {
        const int Visits = 30;
        await using var cluster = await RedisCluster.StartAsync(password: Password);
        await using var edges = await TwoAsync(cluster.ConnectionString);

        var resumed = 0;
        foreach (var version in (string[])["1.2", "1.3"])
        {
            for (var i = 0; i < Visits; i++)
            {
                using var full = await QuickClient.VisitAsync(edges.One, version);
                Assert.NotNull(full.Session);
                using var again = await QuickClient.VisitAsync(edges.Two, version, full.Session);
                resumed += again.Resumed ? 1 : 0;
            }
        }

        Assert.InRange(resumed, (2 * Visits) - 3, 2 * Visits); // three for a machine that stood still for a second; a master left out costs twenty

        // Each session has a slot of its own, so none of the masters has been left out.
        foreach (var master in cluster.Masters)
            Assert.NotEqual("0", await master.Cli.RunAsync("DBSIZE"));
        edges.AssertNoErrors();
    }

    [Fact]
    public async Task Cluster_SlotsMovedUnderLoad_NoHandshakeFailsAndSessionsStay()
    {
        const int Slots = 400;
        await using var cluster = await RedisCluster.StartAsync(password: Password);
        await using var edges = await TwoAsync(cluster.ConnectionString);
        var kept = new List<QuickVisit>();
        for (var i = 0; i < 60; i++)
            kept.Add(await QuickClient.VisitAsync(edges.One, i % 2 == 0 ? "1.2" : "1.3"));

        await using (new VisitsMeanwhile(edges))
        {
            await cluster.ReshardAsync(from: 0, to: 1, Slots);
            await cluster.ReshardAsync(from: 2, to: 0, Slots);
        }

        await Eventually.TrueAsync(() => ResumesAsync(edges, "1.3"), Recovery);
        var lost = 0;
        for (var i = 0; i < kept.Count; i++)
        {
            using var again = await QuickClient.VisitAsync(edges.Two, i % 2 == 0 ? "1.2" : "1.3", kept[i].Session);
            lost += again.Resumed ? 0 : 1;
            kept[i].Dispose();
        }

        Assert.InRange(lost, 0, 3); // as above; some were in slots that have moved

        edges.AssertNoErrors();
    }

    [Fact]
    public async Task Cluster_MasterKilled_NoHandshakeFails()
    {
        await using var cluster = await RedisCluster.StartAsync(password: Password);
        await using var edges = await TwoAsync(cluster.ConnectionString);

        var visits = new VisitsMeanwhile(edges);
        await using (visits)
        {
            await cluster.Masters[1].KillAsync();
            await visits.MoreAsync(100);
        }

        edges.AssertNoErrors();
    }

    [Fact]
    public async Task Sentinel_MasterKilledUnderLoad_NoHandshakeFailsAndSessionsResumeAgain()
    {
        await using var set = await RedisSentinel.StartAsync(replicas: 1, sentinels: 1, Password);
        await using var edges = await TwoAsync(set.ConnectionString);
        using var before = await QuickClient.VisitAsync(edges.One, "1.2");
        Assert.NotNull(before.Session);
        await Eventually.TrueAsync(async () => await set.Servers[1].Cli.RunAsync("DBSIZE") != "0"); // replicated

        await using (new VisitsMeanwhile(edges))
            await set.FailOverAsync();

        foreach (var version in (string[])["1.2", "1.3"])
            await Eventually.TrueAsync(() => ResumesAsync(edges, version), Recovery, text: $"TLS {version} resumes after the failover");
        using var again = await QuickClient.VisitAsync(edges.Two, "1.2", before.Session);
        Assert.True(again.Resumed, "The replica has it since before the failover.");
        edges.AssertNoErrors();
    }

    [Fact]
    public async Task AclUser_WithNoMoreThanTheReadmeGivesIt_IsEnough()
    {
        const string Start = "user edge on >PASSWORD ";
        var line = (await File.ReadAllLinesAsync(RepositoryRoot.File("README.md"))).Single(line => line.StartsWith(Start, StringComparison.Ordinal));
        await using var redis = await RedisServer.StartAsync(new RedisOptions { Kind = RedisKind.Local, Password = Password, Users = [line["user ".Length..]] });
        await using var edges = await TwoAsync($"{redis.Address},user=edge,password=PASSWORD");

        foreach (var version in (string[])["1.2", "1.3"])
            await Eventually.TrueAsync(() => ResumesAsync(edges, version), Recovery);

        var refused = (await redis.Cli.RunAsync("ACL", "LOG")).Split('\n');
        Assert.DoesNotContain("command", refused); // the reason; a key that is not ours is the library's own question
        edges.AssertNoErrors();
    }

    private static async Task<bool> ResumesAsync(Pair edges, string version)
    {
        using var full = await QuickClient.VisitAsync(edges.One, version);
        if (full.Session is null)
            return false;
        using var again = await QuickClient.VisitAsync(edges.Two, version, full.Session);
        return again.Resumed;
    }

    // Without a near cache every lookup has to find the right server.
    private async Task<Pair> TwoAsync(string redis)
    {
        var one = world.StartEdgeAsync(world.Settings("edge-4", redis: redis).With("Sessions:NearCacheEntries", 0));
        var two = await world.StartEdgeAsync(world.Settings("edge-5", redis: redis).With("Sessions:NearCacheEntries", 0));
        return new Pair(await one, two);
    }

    private sealed record Pair(EdgeNode One, EdgeNode Two) : IAsyncDisposable
    {
        public void AssertNoErrors() => Assert.Empty(One.Errors.Concat(Two.Errors));

        public async ValueTask DisposeAsync()
        {
            await One.DisposeAsync();
            await Two.DisposeAsync();
        }
    }

    /// <summary>Full handshakes and offers to resume, on and on until disposed. Any that does not complete fails the test then.</summary>
    private sealed class VisitsMeanwhile : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _visits;
        private int _count;

        public VisitsMeanwhile(Pair edges) => _visits = Task.WhenAll(((string[])["1.2", "1.3"]).Select(version => GoOnAsync(edges, version)));

        /// <summary>Waits for so many handshakes more.</summary>
        public Task MoreAsync(int handshakes)
        {
            var from = _count;
            return Eventually.TrueAsync(() => _visits.IsCompleted || _count - from >= handshakes, Recovery);
        }

        public async ValueTask DisposeAsync()
        {
            await MoreAsync(10);
            await _stop.CancelAsync();
            await _visits;
            _stop.Dispose();
        }

        private async Task GoOnAsync(Pair edges, string version)
        {
            while (!_stop.IsCancellationRequested)
            {
                using var full = await QuickClient.VisitAsync(edges.One, version);
                using var again = await QuickClient.VisitAsync(edges.Two, version, full.Session);
                Interlocked.Add(ref _count, 2);
                await Task.Delay(20, CancellationToken.None); // the machine has other things to do
            }
        }
    }
}
