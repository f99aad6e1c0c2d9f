using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.Client;
using Reprise.Testing;
using Reprise.Tls.Client;

namespace Reprise.Edge.Tests.Scopes;

/// <summary>Two nodes with a key service and configuration files of their own, which are changed while they run. Each profile is there twice, as it has one way to resume TLS 1.3.</summary>
internal sealed class LivePair : IAsyncDisposable
{
    private readonly EdgeWorld _world;
    private readonly TemporaryDirectory _files = new();
    private readonly List<ClientSession> _sessions = [];
    private readonly List<(EdgeNode Node, JsonObject Settings, string Config)> _nodes = [];
    private NodeProcess? _keys;

    private LivePair(EdgeWorld world)
    {
        _world = world;
        Clients = new ClientPki(_files.File("clients"));
        foreach (var client in (string[])["good", "rsa"])
            Clients.Write($"{client}.pem", $"{Clients[client].ExportCertificatePem()}\n{Clients.Intermediate.Certificate.ExportCertificatePem()}\n");
    }

    public ClientPki Clients { get; }

    public IReadOnlyList<EdgeNode> Nodes => [.. _nodes.Select(node => node.Node)];

    public KeyServiceChannel Admin => _world.Admin(_keys!.Ready.GetProperty("grpc").GetString()!);

    /// <param name="world">Whose PKI, store and upstream it uses.</param>
    /// <param name="profiles">Settings of each, on top of a site's; the paths of files are absolute.</param>
    public static async Task<LivePair> StartAsync(EdgeWorld world, Func<ClientPki, IReadOnlyDictionary<string, JsonObject>> profiles)
    {
        var pair = new LivePair(world) { _keys = await world.StartKeyServiceAsync(rotation: new JsonObject { ["MinimumSpacing"] = "00:00:00" }) };
        foreach (var name in (string[])["edge-1", "edge-2"])
            await pair.StartAsync(name, profiles(pair.Clients));
        return pair;
    }

    /// <summary>The profile, of the two by a name, that has sessions of a kind; its host follows from it.</summary>
    public static string ProfileOf(string name, SessionKind kind) => kind is { Version: "1.3", Mode: "stateful" } ? $"{name}-handles" : $"{name}-tickets";

    /// <summary>Changes both nodes' settings, hangs up, and waits until they are in force.</summary>
    /// <param name="change">Of each profile's settings, by its name without what the two differ in.</param>
    public async Task ReloadAsync(Action<string, JsonObject> change)
    {
        var before = _nodes.Select(node => Reloads(node.Node)).ToList();
        foreach (var (_, settings, config) in _nodes)
        {
            foreach (var (profile, section) in settings["Profiles"]!.AsObject().ToList())
                change(profile[..profile.LastIndexOf('-')], section!.AsObject());
            await File.WriteAllTextAsync(config, settings.ToJsonString()); // read on SIGHUP only
        }

        for (var i = 0; i < _nodes.Count; i++)
        {
            var (node, former) = (_nodes[i].Node, before[i]);
            await node.Process.SignalAsync("HUP");
            await Eventually.TrueAsync(() => Reloads(node) > former, TimeSpan.FromSeconds(60));
        }
    }

    /// <summary>A session from the first node that has resumed on the second, and is good for more.</summary>
    public Queue<ClientSession> Keep(string name, SessionKind kind, string? client = null)
    {
        using var full = Visit(Nodes[0], name, kind, null, client);
        Assert.True(full is { Resumed: false, Mode: "full", Sessions.Count: > 0 }, $"{name}, {kind}: {full}");
        var sessions = new Queue<ClientSession>(full.Sessions.Select(session => session.Copy()));
        _sessions.AddRange(sessions);
        AssertResumes(Nodes[1], name, kind, sessions, client);
        return sessions;
    }

    public void AssertResumes(EdgeNode node, string name, SessionKind kind, Queue<ClientSession> sessions, string? client = null)
    {
        using var resumed = Visit(node, name, kind, Next(kind, sessions), client);
        Assert.True(resumed.Resumed && resumed.Mode == kind.Mode, $"{name}, {kind}: {resumed}");
    }

    /// <summary>A visit with the next of the sessions.</summary>
    public ScopeVisit Offer(EdgeNode node, string name, SessionKind kind, Queue<ClientSession> sessions, string? client = null, bool listen = false) =>
        Visit(node, name, kind, Next(kind, sessions), client, listen);

    private ScopeVisit Visit(EdgeNode node, string name, SessionKind kind, ClientSession? offer, string? client, bool listen = false)
    {
        var host = $"{ProfileOf(name, kind)}.reprise.test";
        return ScopeVisit.Make(node.EndPoint, kind, node.Authority, host, host, offer, client is null ? null : Clients.PathOf($"{client}.pem"), listen);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions)
            session.Dispose();
        foreach (var (node, _, _) in _nodes)
            await node.DisposeAsync();
        if (_keys is not null)
            await _keys.DisposeAsync();
        Clients.Dispose();
        _files.Dispose();
    }

    // A handle is worth one attempt.
    private static ClientSession Next(SessionKind kind, Queue<ClientSession> sessions) => kind.Version == "1.3" ? sessions.Dequeue() : sessions.Peek();

    private static int Reloads(EdgeNode node) => node.Process.Lines.Count(line => line.Contains("Configuration reloaded: ", StringComparison.Ordinal));

    private async Task StartAsync(string name, IReadOnlyDictionary<string, JsonObject> profiles)
    {
        var settings = _world.Settings(name, keyService: _keys!.Ready.GetProperty("grpc").GetString()!)
            .With("Edge:ReloadInterval", "00:00:00").With("Profiles", new JsonObject());
        foreach (var (profile, more) in profiles)
        {
            foreach (var (suffix, tls13) in new[] { ("tickets", "Stateless"), ("handles", "Stateful") })
            {
                var section = EdgeSettings.Profile([$"{profile}-{suffix}.reprise.test"], stateful: true, stateless: true, tls13, _world.Upstream.Address)
                    .With("Resumption:TicketsPerHandshake", 8);
                foreach (var (key, value) in more)
                    section.With(key, value?.DeepClone());
                settings["Profiles"]![$"{profile}-{suffix}"] = section;
            }
        }

        var config = _world.Write(settings);
        var process = await NodeProcess.StartAsync(
            EdgeWorld.Project, config, Path.Combine(Path.GetDirectoryName(config)!, $"{name}.ready.json"), timeout: TimeSpan.FromSeconds(120));
        var node = new EdgeNode(process, name, _world.CaFile);
        _nodes.Add((node, settings, config));
        await node.MetricsSayAsync(now => now.Sum("reprise_store_connected") == 1);
    }
}
