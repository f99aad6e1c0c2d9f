using StackExchange.Redis;

namespace Reprise.Testing.Tests;

public sealed class RedisServerTests
{
    [Theory]
    [InlineData(RedisKind.Container)]
    [InlineData(RedisKind.Local)]
    [InlineData(RedisKind.Garnet)]
    public async Task Restart_AfterAWrite_IsEmptyOnTheSamePort(RedisKind kind)
    {
        Assert.SkipUnless(await RedisServer.CanRunAsync(kind), $"No {kind} here.");
        await using var server = await RedisServer.StartAsync(new RedisOptions { Kind = kind, Password = "s3cret" });
        var port = server.Port;
        await using (var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString))
            await redis.GetDatabase().StringSetAsync("key", "value");

        await server.StopAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(server));
        await server.RestartAsync();

        Assert.Equal(port, server.Port);
        await using var again = await ConnectAsync(server);
        Assert.True((await again.GetDatabase().StringGetAsync("key")).IsNull);
    }

    [Theory]
    [InlineData(RedisKind.Container)]
    [InlineData(RedisKind.Local)]
    [InlineData(RedisKind.Garnet)]
    public async Task Start_WithPassword_RefusesClientsWithout(RedisKind kind)
    {
        Assert.SkipUnless(await RedisServer.CanRunAsync(kind), $"No {kind} here.");
        await using var server = await RedisServer.StartAsync(new RedisOptions { Kind = kind, Password = "s3cret" });

        await Assert.ThrowsAnyAsync<RedisException>(() => ConnectionMultiplexer.ConnectAsync($"{server.Address},connectTimeout=1000"));
    }

    [Theory]
    [InlineData(RedisKind.Container)]
    [InlineData(RedisKind.Local)]
    public async Task Pause_UntilContinued_AnswersNothing(RedisKind kind)
    {
        Assert.SkipUnless(await RedisServer.CanRunAsync(kind), $"No {kind} here.");
        await using var server = await RedisServer.StartAsync(new RedisOptions { Kind = kind });
        await using var redis = await ConnectAsync(server);
        await redis.GetDatabase().PingAsync();

        await server.PauseAsync();
        var ping = redis.GetDatabase().PingAsync();
        Assert.NotSame(ping, await Task.WhenAny(ping, Task.Delay(300, TestContext.Current.CancellationToken)));
        await server.ContinueAsync();

        await ping;
    }

    [Fact]
    public async Task Kill_Always_ClosesThePort()
    {
        await using var server = await RedisServer.StartAsync();
        await server.KillAsync();

        await Assert.ThrowsAnyAsync<RedisException>(() => ConnectAsync(server));
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(RedisServer server)
    {
        var options = ConfigurationOptions.Parse(server.ConnectionString);
        options.AbortOnConnectFail = true;
        options.ConnectTimeout = 2000;
        options.ConnectRetry = 1;
        return await ConnectionMultiplexer.ConnectAsync(options);
    }
}
