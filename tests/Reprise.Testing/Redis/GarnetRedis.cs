using Garnet;

namespace Reprise.Testing;

internal sealed class GarnetRedis(GarnetServer server) : IRedisInstance
{
    public static GarnetRedis Start(int port, RedisOptions options)
    {
        if (options.Persistent || options.Tls is not null || options.Users.Count > 0 || options.Arguments.Count > 0)
            throw new NotSupportedException("The embedded Garnet takes none of redis-server's options, and is never persistent.");
        var server = new GarnetServer(
        [
            "--bind", "127.0.0.1", "--port", port.ToString(provider: null),
            "--memory", "64m", "--page", "1m", "--index", "4m",
            .. options.Password is { } password ? new[] { "--auth", "Password", "--password", password } : [],
        ]);
        server.Start();
        return new GarnetRedis(server);
    }

    public Task StopAsync() => Task.CompletedTask;

    public Task PauseAsync() => throw new NotSupportedException("Garnet cannot pause: put a TcpRelay before it and stall that.");

    public Task ContinueAsync() => PauseAsync();

    public ValueTask DisposeAsync()
    {
        server.Dispose();
        return ValueTask.CompletedTask;
    }
}
