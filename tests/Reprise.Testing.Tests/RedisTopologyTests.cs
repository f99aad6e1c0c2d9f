using StackExchange.Redis;

namespace Reprise.Testing.Tests;

public sealed class RedisTopologyTests
{
    private const string Password = "s3cret";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tls_WithAndWithoutClientCertificates_AnswersOnlyOverTls(bool clientCertificate)
    {
        using var files = new TemporaryDirectory();
        using var authority = new TestAuthority();
        using var site = authority.Site();
        using var edge = authority.Edge();
        var own = TestAuthority.Write(edge, files.Path, "edge");
        var tls = new RedisTls(TestAuthority.Write(site, files.Path, "redis"), authority.WriteAuthority(files.Path), clientCertificate ? own : null);
        await using var server = await RedisServer.StartAsync(new RedisOptions { Tls = tls, Password = Password });

        Assert.Equal("PONG", await server.Cli.RunAsync("PING"));
        Assert.Null(await new RedisCli(server.Port, Password).TryAsync("PING"));
        if (clientCertificate)
            Assert.Null(await new RedisCli(server.Port, Password, tls with { ClientCertificate = null }).TryAsync("PING"));
    }

    [Fact]
    public async Task User_WithAFewCommands_MayNoOthers()
    {
        await using var server = await RedisServer.StartAsync(new RedisOptions { Kind = RedisKind.Local, Password = Password, Users = ["edge on >other ~reprise:* +get +@connection +info"] });
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{server.Address},user=edge,password=other");

        Assert.True((await redis.GetDatabase().StringGetAsync("reprise:s:1")).IsNull);
        await Assert.ThrowsAsync<RedisServerException>(() => redis.GetDatabase().StringSetAsync("reprise:s:1", "value"));
        Assert.True(await server.Cli.CallsAsync("get") >= 1);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(3, "sentinels-own")]
    public async Task Sentinel_MasterKilled_MakesTheReplicaMasterAndTheFormerOneAReplica(int sentinels, string? sentinelPassword)
    {
        await using var set = await RedisSentinel.StartAsync(replicas: 1, sentinels, Password, sentinelPassword);
        Assert.Same(set.Servers[0], await set.MasterAsync());

        var former = await set.FailOverAsync();

        Assert.Same(set.Servers[0], former);
        Assert.Equal("OK", await set.Servers[1].Cli.RunAsync("SET", "key", "value"));
        await former.RestartAsync();
        await Eventually.TrueAsync(async () => (await former.Cli.RunAsync("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal), TimeSpan.FromSeconds(60));
        Assert.Equal("value", await former.Cli.RunAsync("GET", "key"));
    }

    [Fact]
    public async Task Cluster_OfThreeMasters_ServesAllSlotsAndMovesThem()
    {
        await using var cluster = await RedisCluster.StartAsync(password: Password);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(cluster.ConnectionString);
        for (var i = 0; i < 100; i++)
            await redis.GetDatabase().StringSetAsync($"key{i}", i);

        var before = await cluster.SlotsOfAsync(1);
        await cluster.ReshardAsync(from: 0, to: 1, slots: 200);

        Assert.Equal(before + 200, await cluster.SlotsOfAsync(1));
        for (var i = 0; i < 100; i++)
            Assert.Equal(i, (int)await redis.GetDatabase().StringGetAsync($"key{i}"));
    }
}
