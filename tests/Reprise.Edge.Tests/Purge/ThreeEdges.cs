using System.Text.Json.Nodes;
using Grpc.Core;
using Reprise.Core.Sessions;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;
using StackExchange.Redis;

namespace Reprise.Edge.Tests.Purge;

/// <summary>Three nodes with a key service and a Redis of their own, which may be restarted. Both profiles are stateful in both versions.</summary>
internal sealed class ThreeEdges : IAsyncDisposable
{
    /// <summary>A name of the default profile, whose name is <see cref="Default"/>.</summary>
    public const string Other = "other.reprise.test";
    public const string Default = "default";

    private readonly EdgeWorld _world;
    private readonly TemporaryDirectory _files = new();

    private ThreeEdges(EdgeWorld world) => _world = world;

    public RedisServer Redis { get; private set; } = null!;

    public NodeProcess KeyService { get; private set; } = null!;

    public IConnectionMultiplexer Judge { get; private set; } = null!;

    public EdgeNode[] Nodes { get; } = new EdgeNode[3];

    private string KeyServiceAddress => KeyService.Ready.GetProperty("grpc").GetString()!;

    /// <param name="world">Whose PKI they are of.</param>
    /// <param name="rotation">The key service's section of this name; null: the defaults, but for the spacing of rotations.</param>
    public static async Task<ThreeEdges> StartAsync(EdgeWorld world, JsonObject? rotation = null)
    {
        var edges = new ThreeEdges(world) { Redis = await RedisServer.StartAsync(), KeyService = await world.StartKeyServiceAsync(rotation: rotation ?? new JsonObject { ["MinimumSpacing"] = "00:00:00" }) };
        edges.Judge = await ConnectionMultiplexer.ConnectAsync($"{edges.Redis.ConnectionString},allowAdmin=true");
        var starting = Enumerable.Range(0, 3).Select(edges.StartAsync).ToList();
        await Task.WhenAll(starting);
        return edges;
    }

    public async Task StartAsync(int i)
    {
        Nodes[i] = await _world.StartEdgeAsync(Settings($"edge-{i + 1}"));
        // A node does not wait long for its store; tests that look for sessions do.
        await Nodes[i].MetricsSayAsync(now => now.Sum("reprise_store_connected") == 1);
    }

    public async Task RestartAsync(int i)
    {
        await Nodes[i].DisposeAsync();
        await StartAsync(i);
    }

    /// <summary>In its place, with nothing in its memory; returns when all nodes have its ring.</summary>
    public async Task RestartKeyServiceAsync()
    {
        var address = KeyServiceAddress;
        await KeyService.DisposeAsync();
        KeyService = await _world.StartKeyServiceAsync(address);
        using var admin = Admin();
        await Eventually.TrueAsync(async () =>
        {
            var list = await admin.Admin.NodesAsync(new NodesRequest());
            return list.Nodes.Count(node => node.Live && node.AcknowledgedGeneration == list.Generation) == 3;
        }, TimeSpan.FromSeconds(60));
    }

    public KeyServiceChannel Admin() => _world.Admin(KeyServiceAddress);

    public async Task<PurgeSessionsResponse> PurgeAsync(PurgeSessionsRequest request)
    {
        using var admin = Admin();
        return await admin.Admin.PurgeSessionsAsync(request);
    }

    /// <summary>Revokes, and gives the report.</summary>
    public async Task<RevokeResponse.Types.Done> RevokeAsync(long epoch, bool purgeSessions = false)
    {
        using var admin = Admin();
        using var call = admin.Admin.Revoke(new RevokeRequest { Epoch = epoch, PurgeSessions = purgeSessions });
        RevokeResponse? last = null;
        await foreach (var step in call.ResponseStream.ReadAllAsync())
            last = step;
        return last!.Done;
    }

    /// <summary>Rotates to the end; gives the epoch that seals from now on.</summary>
    public async Task<long> RotateAsync()
    {
        using var admin = Admin();
        using var call = admin.Admin.Rotate(new RotateRequest());
        RotateResponse? last = null;
        await foreach (var step in call.ResponseStream.ReadAllAsync())
            last = step;
        return last!.Done.Epoch;
    }

    /// <summary>The epoch that seals now.</summary>
    public async Task<long> SealingEpochAsync()
    {
        using var admin = Admin();
        return (await admin.Admin.ListAsync(new ListRequest())).Epochs.Single(epoch => epoch.Sealing).Number;
    }

    /// <summary>Whether the node has taken what the key service says now.</summary>
    public async Task<bool> IsUpToDateAsync(string node)
    {
        using var admin = Admin();
        var list = await admin.Admin.NodesAsync(new NodesRequest());
        return list.Nodes.Single(each => each.Name == node) is { Live: true } found && found.AcknowledgedGeneration == list.Generation;
    }

    /// <summary>A full handshake whose session the client keeps.</summary>
    public async Task<Held> FullAsync(int node, string version, string host, string? mode = null)
    {
        var file = _files.File($"{Guid.NewGuid():n}.pem");
        var noTicket = version == "1.2" && mode is null;
        var visit = await Nodes[node].VisitAsync(version, host, noTicket, keep: file);
        Assert.True(visit.Mode == "full", visit.ToString());
        return new Held(file, version, host, noTicket);
    }

    public Task<Visit> OfferAsync(int node, Held held) => Nodes[node].VisitAsync(held.Version, held.Host, held.NoTicket, offer: held.File);

    /// <summary>All that lies in the store, and what it says of itself.</summary>
    public async Task<IReadOnlyList<(RedisKey Key, byte[] Value, SealedSessionHeader Header)>> DumpAsync()
    {
        var found = new List<(RedisKey, byte[], SealedSessionHeader)>();
        await foreach (var key in Judge.GetServers().Single().KeysAsync(pattern: SessionKey.Pattern))
        {
            if ((byte[]?)await Judge.GetDatabase().StringGetAsync(key) is { } value && SealedSessionHeader.TryRead(value, out var header))
                found.Add((key, value, header));
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
        await KeyService.DisposeAsync();
        await Judge.DisposeAsync();
        await Redis.DisposeAsync();
        _files.Dispose();
    }

    private JsonObject Settings(string node) => _world.Settings(node, Redis.ConnectionString, KeyServiceAddress)
        .With("Profiles:default:Resumption:Tls13", "Stateful");

    internal sealed record Held(string File, string Version, string Host, bool NoTicket);
}
