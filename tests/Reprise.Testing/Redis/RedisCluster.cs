namespace Reprise.Testing;

/// <summary>
/// A Redis Cluster of masters without replicas, as local processes on free loopback ports, without persistence. All slots are
/// served.
/// </summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16384;
    private const int Tries = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<RedisServer> _masters = [];
    private readonly string? _password;

    private RedisCluster(string? password) => _password = password;

    public IReadOnlyList<RedisServer> Masters => _masters;

    /// <summary>For StackExchange.Redis: all masters, with the password if there is one.</summary>
    public string ConnectionString =>
        $"{string.Join(',', _masters.Select(master => master.Address))},{(_password is null ? "" : $"password={_password},")}abortConnect=false";

    public static async Task<RedisCluster> StartAsync(int masters = 3, string? password = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var cluster = new RedisCluster(password);
            try
            {
                await cluster.BeginAsync(masters);
                return cluster;
            }
            catch (Exception e) when (attempt < Tries && e is not OperationCanceledException)
            {
                await cluster.DisposeAsync(); // somebody else may have taken a port between our look and its use
            }
            catch
            {
                await cluster.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Slots that this master serves, by its own word.</summary>
    public async Task<int> SlotsOfAsync(int master)
    {
        var own = (await NodesAsync(master)).Single(line => line.Contains("myself", StringComparison.Ordinal));
        // A slot being moved stands in brackets.
        return own.Split(' ').Skip(8).Where(range => !range.StartsWith('[')).Sum(range =>
            range.Split('-') is [var from, var to] ? int.Parse(to, provider: null) - int.Parse(from, provider: null) + 1 : 1);
    }

    /// <summary>Moves slots with all their keys while the cluster serves, by <c>redis-cli --cluster reshard</c>.</summary>
    public async Task ReshardAsync(int from, int to, int slots) =>
        await new RedisCli(_masters[from].Port, _password).RunAsync(
            "--cluster", "reshard", _masters[from].Address, "--cluster-from", await IdAsync(from), "--cluster-to", await IdAsync(to),
            "--cluster-slots", Text(slots), "--cluster-yes");

    public async ValueTask DisposeAsync()
    {
        foreach (var master in _masters)
            await master.DisposeAsync();
    }

    private async Task BeginAsync(int masters)
    {
        // Client and bus ports, all below those that the kernel gives out.
        var first = FreePort.NextRange(2 * masters);
        for (var i = 0; i < masters; i++)
        {
            _masters.Add(await RedisServer.StartAsync(new RedisOptions
            {
                Kind = RedisKind.Local,
                Port = first + i,
                Password = _password,
                Arguments =
                [
                    "--cluster-enabled", "yes", "--cluster-port", Text(first + masters + i), "--cluster-node-timeout", "10000",
                    .. _password is null ? [] : new[] { "--masterauth", _password },
                ],
            }));
        }

        for (var i = 0; i < masters; i++)
        {
            await _masters[i].Cli.RunAsync("CLUSTER", "SET-CONFIG-EPOCH", Text(i + 1));
            await _masters[i].Cli.RunAsync("CLUSTER", "ADDSLOTSRANGE", Text(i * Slots / masters), Text(((i + 1) * Slots / masters) - 1));
            if (i > 0)
                await _masters[0].Cli.RunAsync("CLUSTER", "MEET", "127.0.0.1", Text(first + i), Text(first + masters + i));
        }

        foreach (var master in _masters)
        {
            await Eventually.TrueAsync(
                async () => await master.Cli.RunAsync("CLUSTER", "INFO") is var info
                    && info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains($"cluster_known_nodes:{masters}", StringComparison.Ordinal),
                Patience);
        }
    }

    private async Task<string> IdAsync(int master) => await _masters[master].Cli.RunAsync("CLUSTER", "MYID");

    private async Task<string[]> NodesAsync(int master) =>
        (await _masters[master].Cli.RunAsync("CLUSTER", "NODES")).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Text(int number) => number.ToString(provider: null);
}
