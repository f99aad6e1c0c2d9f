using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>Two key service processes over a Redis of their own, and nodes that are given both of their addresses.</summary>
internal sealed class TwoKeyServices : IAsyncDisposable
{
    private readonly EdgeWorld _world;
    private readonly JsonObject? _rotation;
    private readonly string[] _addresses = new string[2];

    private TwoKeyServices(EdgeWorld world, JsonObject? rotation) => (_world, _rotation) = (world, rotation);

    public RedisServer Redis { get; private set; } = null!;

    public NodeProcess[] Services { get; } = new NodeProcess[2];

    public List<EdgeNode> Edges { get; } = [];

    /// <param name="world">Whose PKI they are of.</param>
    /// <param name="rotation">Their section of this name; null: the defaults.</param>
    /// <param name="edges">Names of nodes.</param>
    public static async Task<TwoKeyServices> StartAsync(EdgeWorld world, JsonObject? rotation, params string[] edges)
    {
        var cluster = new TwoKeyServices(world, rotation) { Redis = await RedisServer.StartAsync() };
        // One after the other: the first one leads, and it is the one that nodes go to first.
        await cluster.StartServiceAsync(0);
        await Eventually.TrueAsync(() => cluster.LeadsAsync(0), TimeSpan.FromSeconds(30));
        await cluster.StartServiceAsync(1);
        cluster.Edges.AddRange(await Task.WhenAll(edges.Select(cluster.StartEdgeAsync)));
        return cluster;
    }

    /// <summary>A key service, under the address that it had before if there was one.</summary>
    public async Task StartServiceAsync(int i)
    {
        if (Services[i] is { } former)
            await former.DisposeAsync();
        Services[i] = await _world.StartKeyServiceAsync(
            _addresses[i] ?? "127.0.0.1:0", _rotation?.DeepClone().AsObject(), $"keys-{i + 1}", Redis.ConnectionString);
        _addresses[i] = Services[i].Ready.GetProperty("grpc").GetString()!;
    }

    public KeyServiceChannel Admin(int i) => _world.Admin(_addresses[i]);

    public async Task<bool> LeadsAsync(int i)
    {
        using var admin = Admin(i);
        return (await admin.Admin.ListAsync(new ListRequest())).Leader == $"keys-{i + 1}";
    }

    /// <summary>The key service that says to have the stream of this node, by the word of one of them; null: none.</summary>
    public async Task<string?> StreamOfAsync(string edge, int i)
    {
        using var admin = Admin(i);
        return (await admin.Admin.NodesAsync(new NodesRequest())).Nodes.FirstOrDefault(node => node.Name == edge && node.Live)?.Service;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var edge in Edges)
            await edge.DisposeAsync();
        foreach (var service in Services)
            await service.DisposeAsync();
        await Redis.DisposeAsync();
    }

    private Task<EdgeNode> StartEdgeAsync(string name) => _world.StartEdgeAsync(_world.Settings(name, keyService: _addresses[0])
        .With("KeyService:Addresses", new JsonArray([.. _addresses.Select(address => JsonValue.Create($"https://{address}"))])));
}
