using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;
using StackExchange.Redis;

namespace Reprise.Edge.Tests.Handshakes;

/// <summary>
/// Nodes that each decline something: the first makes sessions, the second takes them and knows a client as revoked, the third's store can be
/// lost or silent, the fourth's keys are past their time once its key service is gone.
/// </summary>
public sealed class DeclineEdges(EdgeWorld world) : IAsyncLifetime
{
    public const string Brief = "brief.reprise.test";
    public const string Verified = "verified.reprise.test";

    private readonly TemporaryDirectory _files = new();
    private NodeProcess _keys = null!; // its own: to a key service that others use, nodes of the same names are one
    private int _sessions;

    internal ClientPki Clients { get; private set; } = null!;

    internal TcpRelay Relay { get; private set; } = null!;

    internal IConnectionMultiplexer Judge { get; private set; } = null!;

    internal EdgeNode One { get; private set; } = null!;

    internal EdgeNode Two { get; private set; } = null!;

    internal EdgeNode Cut { get; private set; } = null!;

    internal IEnumerable<EdgeNode> Nodes => [One, Two, Cut];

    public async ValueTask InitializeAsync()
    {
        Clients = new ClientPki(_files.Path);
        Relay = TcpRelay.Start(world.Redis.Port);
        _keys = await world.StartKeyServiceAsync();
        Judge = await ConnectionMultiplexer.ConnectAsync(world.Redis.ConnectionString);
        var one = world.StartEdgeAsync(Settings("edge-1", Clients.WriteLists("none.pem")));
        var two = world.StartEdgeAsync(Settings("edge-2", Clients.RevocationLists));
        // A budget that a silent store overruns; nothing is kept nearby, so that it is asked.
        Cut = await world.StartEdgeAsync(Settings("edge-3", Clients.RevocationLists, world.Redis.ConnectionStringTo(Relay.Address))
            .With("Sessions:LookupBudget", "00:00:00.250").With("Sessions:StoreBudget", "00:00:00.250").With("Sessions:NearCacheEntries", 0));
        (One, Two) = (await one, await two);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
        await _keys.DisposeAsync();
        await Relay.DisposeAsync();
        await Judge.DisposeAsync();
        Clients.Dispose();
        _files.Dispose();
    }

    internal string File() => _files.File($"session-{Interlocked.Increment(ref _sessions)}.pem");

    /// <summary>A node whose key service makes keys of some seconds, and that key service.</summary>
    internal async Task<(NodeProcess Keys, EdgeNode Node)> StartBriefKeysAsync()
    {
        var keys = await world.StartKeyServiceAsync(rotation: new JsonObject
        {
            ["Interval"] = "00:00:04",
            ["DecryptLife"] = "00:00:03",
            ["AcknowledgeTimeout"] = "00:00:02",
            ["MinimumSpacing"] = "00:00:00",
        });
        try
        {
            var settings = world.Settings("edge-4", keyService: AddressOf(keys)).With("Edge:DeclinesLoggedPerSecond", 100);
            return (keys, await world.StartEdgeAsync(settings));
        }
        catch
        {
            await keys.DisposeAsync();
            throw;
        }
    }

    private static string AddressOf(NodeProcess keys) => keys.Ready.GetProperty("grpc").GetString()!;

    private JsonObject Settings(string node, string lists, string? redis = null)
    {
        var verified = EdgeSettings.Profile([Verified], stateful: true, stateless: true, "Stateless", world.Upstream.Address)
            .With("ClientAuth:Mode", "Optional")
            .With("ClientAuth:Authorities", Clients.Authorities)
            .With("ClientAuth:Depth", 1)
            .With("Resumption:ResumeAuthenticatedClients", true);
        verified["ClientAuth"]!["RevocationLists"] = new JsonArray(lists);
        var brief = EdgeSettings.Profile([Brief], stateful: true, stateless: true, "Stateless", world.Upstream.Address)
            .With("Resumption:SessionTimeout", "00:00:02");
        return world.Settings(node, redis, AddressOf(_keys))
            .With("Edge:DeclinesLoggedPerSecond", 100)
            .With("Profiles:verified", verified)
            .With("Profiles:brief", brief);
    }
}
