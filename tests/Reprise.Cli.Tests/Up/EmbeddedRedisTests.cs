using Reprise.Cli.Up;
using StackExchange.Redis;

namespace Reprise.Cli.Tests.Up;

public sealed class EmbeddedRedisTests
{
    [Fact]
    public async Task Server_ForTheCommandsOfTheSessionCache_AnswersAsRedisDoes()
    {
        using var server = EmbeddedRedis.Start(LocalPorts.TakeFree(1)[0]);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.Address);
        var database = redis.GetDatabase();

        await database.StringSetAsync("a", "1", TimeSpan.FromMinutes(1));
        Assert.Equal("1", await database.StringGetAsync("a"));
        Assert.InRange((await database.KeyTimeToLiveAsync("a"))!.Value.TotalSeconds, 1, 60);
        Assert.Equal("1", await database.StringGetDeleteAsync("a"));
        Assert.True((await database.StringGetDeleteAsync("a")).IsNull);
    }

    [Fact]
    public async Task Server_StartedAgainOnItsPort_AnswersAndIsEmpty()
    {
        var port = LocalPorts.TakeFree(1)[0];
        using (var first = EmbeddedRedis.Start(port))
        {
            await using var redis = await ConnectionMultiplexer.ConnectAsync(first.Address);
            await redis.GetDatabase().StringSetAsync("a", "1");
        }

        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},connectTimeout=500"));
        using var again = EmbeddedRedis.Start(port);
        await using var anew = await ConnectionMultiplexer.ConnectAsync(again.Address);
        Assert.True((await anew.GetDatabase().StringGetAsync("a")).IsNull);
    }
}
