using System.Globalization;

namespace Reprise.Testing;

/// <summary>
/// A master, its replicas and the sentinels that watch them, as local processes on free loopback ports, without persistence.
/// A master that is silent for <see cref="DownAfter"/> is replaced; one that comes back becomes a replica.
/// </summary>
public sealed class RedisSentinel : IAsyncDisposable
{
    public const string ServiceName = "reprise";

    /// <summary>Long enough that a busy machine is no failover.</summary>
    public static readonly TimeSpan DownAfter = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<RedisServer> _servers = [];
    private readonly List<(int Port, LocalRedis Process)> _sentinels = [];
    private readonly string? _password;
    private readonly string? _sentinelPassword;

    private RedisSentinel(string? password, string? sentinelPassword)
    {
        _password = password;
        _sentinelPassword = sentinelPassword;
    }

    /// <summary>The first was the first master.</summary>
    public IReadOnlyList<RedisServer> Servers => _servers;

    /// <summary><c>127.0.0.1:port</c> of each sentinel.</summary>
    public IReadOnlyList<string> Sentinels => [.. _sentinels.Select(sentinel => $"127.0.0.1:{sentinel.Port}")];

    /// <summary>For StackExchange.Redis: sentinels and service name, with the servers' password if there is one.</summary>
    public string ConnectionString =>
        $"{string.Join(',', Sentinels)},serviceName={ServiceName},{(_password is null ? "" : $"password={_password},")}abortConnect=false";

    /// <summary>Started, replicating, and known to all sentinels.</summary>
    /// <param name="replicas">Besides the master.</param>
    /// <param name="sentinels">One is enough to decide (quorum 1), but of several the most must vote.</param>
    /// <param name="password">Of the servers; null: none.</param>
    /// <param name="sentinelPassword">Of the sentinels; null: none.</param>
    public static async Task<RedisSentinel> StartAsync(int replicas = 1, int sentinels = 1, string? password = null, string? sentinelPassword = null)
    {
        var set = new RedisSentinel(password, sentinelPassword);
        try
        {
            var options = new RedisOptions
            {
                Kind = RedisKind.Local,
                Password = password,
                // A replica at once, not after the 5 s in which the master waits for more of them.
                Arguments = ["--repl-diskless-sync-delay", "0", .. password is null ? [] : new[] { "--masterauth", password }],
            };
            var master = await RedisServer.StartAsync(options);
            set._servers.Add(master);
            for (var i = 0; i < replicas; i++)
                set._servers.Add(await RedisServer.StartAsync(options with { Arguments = [.. options.Arguments, "--replicaof", "127.0.0.1", Text(master.Port)] }));
            await Eventually.TrueAsync(async () => (await master.Cli.RunAsync("INFO", "replication")).Split("state=online").Length - 1 == replicas, Patience);
            foreach (var port in FreePort.NextRange(sentinels) is var first ? Enumerable.Range(first, sentinels) : [])
                set._sentinels.Add((port, LocalRedis.StartSentinel(set.Configuration(port, master.Port))));
            foreach (var (port, _) in set._sentinels)
                await Eventually.TrueAsync(() => set.KnowsAllAsync(port), Patience);
            return set;
        }
        catch
        {
            await set.DisposeAsync();
            throw;
        }
    }

    /// <summary>The server that the sentinels name as master now.</summary>
    public async Task<RedisServer> MasterAsync()
    {
        var answer = await Cli(_sentinels[0].Port).RunAsync("SENTINEL", "GET-MASTER-ADDR-BY-NAME", ServiceName);
        var port = int.Parse(answer.Split('\n')[1], CultureInfo.InvariantCulture);
        return _servers.Single(server => server.Port == port);
    }

    /// <summary>Kills the master and waits until the sentinels have made another one, which answers as such.</summary>
    /// <returns>The former master, dead; <see cref="RedisServer.RestartAsync"/> brings it back, to become a replica.</returns>
    public async Task<RedisServer> FailOverAsync()
    {
        var former = await MasterAsync();
        await former.KillAsync();
        await WaitForOtherMasterAsync(former);
        return former;
    }

    /// <summary>Waits until another server than this one is master, for the sentinels and for itself.</summary>
    public Task WaitForOtherMasterAsync(RedisServer former) => Eventually.TrueAsync(
        async () => await MasterAsync() is var now && now != former
            && await now.Cli.TryAsync("INFO", "replication") is { } info && info.Contains("role:master", StringComparison.Ordinal),
        Patience);

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, process) in _sentinels)
            await process.DisposeAsync();
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    private RedisCli Cli(int sentinel) => new(sentinel, _sentinelPassword);

    private async Task<bool> KnowsAllAsync(int sentinel)
    {
        if (await Cli(sentinel).TryAsync("SENTINEL", "MASTER", ServiceName) is not { } answer)
            return false;
        var fields = answer.Split('\n', StringSplitOptions.TrimEntries);
        return Is("num-slaves", _servers.Count - 1) && Is("num-other-sentinels", _sentinels.Count - 1) && Is("flags", "master");

        bool Is(string name, object value) => Array.IndexOf(fields, name) is >= 0 and var at && fields[at + 1] == value.ToString();
    }

    private string Configuration(int port, int master) => $"""
        port {port}
        bind 127.0.0.1
        {(_sentinelPassword is null ? "" : $"requirepass {_sentinelPassword}")}
        sentinel monitor {ServiceName} 127.0.0.1 {master} 1
        sentinel down-after-milliseconds {ServiceName} {DownAfter.TotalMilliseconds}
        sentinel failover-timeout {ServiceName} 6000
        {(_password is null ? "" : $"sentinel auth-pass {ServiceName} {_password}")}
        {(_sentinelPassword is null ? "" : $"sentinel sentinel-pass {_sentinelPassword}")}

        """;

    private static string Text(int number) => number.ToString(provider: null);
}
