using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Soak;

/// <summary>Two edges, a key service, and a real Redis behind a relay; budgets as they are when nobody sets them.</summary>
internal sealed class SoakCluster : IAsyncDisposable
{
    public const string UserPassword = "the-edges-password";

    private readonly TestAuthority _authority = new();
    private readonly TemporaryDirectory _files = new();
    private readonly List<EdgeNode> _edges = [];
    private NodeProcess? _keyService;
    private Upstream? _upstream;

    public RedisServer Redis { get; private set; } = null!;

    public TcpRelay Relay { get; private set; } = null!;

    public IReadOnlyList<EdgeNode> Edges => _edges;

    public static async Task<SoakCluster> StartAsync()
    {
        var cluster = new SoakCluster();
        try
        {
            await cluster.BeginAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public Task SetUserAsync(params string[] rules) => Redis.Cli.RunAsync(["ACL", "SETUSER", "edge", .. rules]);

    public async ValueTask DisposeAsync()
    {
        foreach (var edge in _edges)
            await edge.DisposeAsync();
        if (_keyService is not null)
            await _keyService.DisposeAsync();
        if (_upstream is not null)
            await _upstream.DisposeAsync();
        if (Relay is not null)
            await Relay.DisposeAsync();
        if (Redis is not null)
            await Redis.DisposeAsync();
        _authority.Dispose();
        _files.Dispose();
    }

    private async Task BeginAsync()
    {
        _authority.WriteAll(_files.File("pki"), edges: 2);
        Redis = await RedisServer.StartAsync(new RedisOptions
        {
            Kind = RedisKind.Local,
            Password = "the-admins-password",
            Users = [$"edge on >{UserPassword} ~reprise:* &* +@all"],
            Arguments = ["--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru"],
        });
        Relay = TcpRelay.Start(Redis.Port);
        _upstream = await Upstream.StartAsync();
        _keyService = await StartAsync("Reprise.KeyService", "keys-1", JsonNode.Parse("""
            { "KeyService": { "Name": "keys-1", "Grpc": "127.0.0.1:0", "Management": "127.0.0.1:0", "ReadyFile": "keys-1.ready.json",
                              "Authority": "pki/ca.crt", "Certificate": "pki/keys-1.crt", "Key": "pki/keys-1.key" } }
            """)!);
        var keys = _keyService.Ready.GetProperty("grpc").GetString()!;
        foreach (var name in (string[])["edge-1", "edge-2"])
        {
            var settings = EdgeSettings.Of(name, $"{Relay.Address},user=edge,password={UserPassword}", keys, _upstream.Address);
            settings["Sessions"]!.AsObject().Remove("LookupBudget");
            settings["Sessions"]!.AsObject().Remove("StoreBudget");
            settings["Sessions"]!["NearCacheEntries"] = 0; // or it would answer for the store
            settings["Profiles"]!["stateful"]!["HandshakeTimeout"] = "00:01:00"; // a busy machine is no failure
            _edges.Add(new EdgeNode(await StartAsync("Reprise.Edge", name, settings), name, _files.File("pki", "ca.crt")));
        }
    }

    private Task<NodeProcess> StartAsync(string project, string name, JsonNode settings) => NodeProcess.StartAsync(
        project, _files.Write($"{name}.json", settings.ToJsonString()), _files.File($"{name}.ready.json"), timeout: TimeSpan.FromSeconds(120));
}
