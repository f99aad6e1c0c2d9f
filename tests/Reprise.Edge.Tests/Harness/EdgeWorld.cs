using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.Client;
using Reprise.Testing;

[assembly: AssemblyFixture(typeof(EdgeWorld))]

namespace Reprise.Edge.Tests.Harness;

/// <summary>
/// What all tests share: a PKI of this run's own, a real Redis, a key service process, an upstream. Tests that harm one of
/// them put a relay before it, or start their own.
/// </summary>
public sealed class EdgeWorld : IAsyncLifetime
{
    public const string Project = "Reprise.Edge";

    private readonly TestAuthority _authority = new();
    private readonly TemporaryDirectory _files = new();
    private int _runs;

    internal TestAuthority Authority => _authority;

    internal RedisServer Redis { get; private set; } = null!;

    internal NodeProcess KeyService { get; private set; } = null!;

    internal Upstream Upstream { get; private set; } = null!;

    internal string KeyServiceAddress => KeyService.Ready.GetProperty("grpc").GetString()!;

    internal string CaFile => _files.File("pki", "ca.crt");

    public async ValueTask InitializeAsync()
    {
        _authority.WriteAll(_files.File("pki"), edges: 8, keyServices: 2);
        await System.IO.File.WriteAllTextAsync(_files.File("pki", "kek"), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        var redis = RedisServer.StartAsync();
        var keys = StartKeyServiceAsync();
        Upstream = await Upstream.StartAsync();
        KeyService = await keys;
        Redis = await redis;
        if (Redis.Kind is not RedisKind.Garnet)
        {
            // As it should be, or each node warns of it.
            await Redis.Cli.RunAsync("CONFIG", "SET", "maxmemory-policy", "volatile-lru");
            await Redis.Cli.RunAsync("CONFIG", "SET", "maxmemory", "256mb");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KeyService.DisposeAsync();
        await Redis.DisposeAsync();
        await Upstream.DisposeAsync();
        _authority.Dispose();
        _files.Dispose();
    }

    internal string File(string name) => _files.File(name);

    /// <summary>A directory with the PKI in it, for one process's files.</summary>
    internal string Directory()
    {
        var directory = _files.File($"run-{Interlocked.Increment(ref _runs)}");
        System.IO.Directory.CreateDirectory(directory);
        System.IO.Directory.CreateSymbolicLink(Path.Combine(directory, "pki"), _files.File("pki"));
        return directory;
    }

    /// <param name="grpc">Where it listens.</param>
    /// <param name="rotation">Its section of this name; null: the defaults.</param>
    /// <param name="name">As its certificate says: <c>keys-1</c> or <c>keys-2</c>.</param>
    /// <param name="redis">Where it shares its ledger with others; null: it is alone, and keeps nothing.</param>
    /// <param name="telemetry">Its section of this name; null: it sends nothing.</param>
    internal async Task<NodeProcess> StartKeyServiceAsync(
        string grpc = "127.0.0.1:0", JsonObject? rotation = null, string name = "keys-1", string? redis = null, JsonObject? telemetry = null)
    {
        var directory = Directory();
        var settings = JsonNode.Parse("""
            { "KeyService": { "Management": "127.0.0.1:0", "Authority": "pki/ca.crt" } }
            """)!.AsObject()
            .With("KeyService:Name", name).With("KeyService:Grpc", grpc).With("KeyService:ReadyFile", $"{name}.ready.json")
            .With("KeyService:Certificate", $"pki/{name}.crt").With("KeyService:Key", $"pki/{name}.key");
        if (rotation is not null)
            settings["Rotation"] = rotation;
        if (telemetry is not null)
            settings["Telemetry"] = telemetry;
        if (redis is not null)
            settings.With("KeyService:KeyEncryptionKeyFile", "pki/kek").With("Store:Redis", redis).With("Store:LeaseDuration", "00:00:02");
        var config = Path.Combine(directory, $"{name}.json");
        await System.IO.File.WriteAllTextAsync(config, settings.ToJsonString());
        return await NodeProcess.StartAsync("Reprise.KeyService", config, Path.Combine(directory, $"{name}.ready.json"), timeout: TimeSpan.FromSeconds(60));
    }

    /// <summary>Settings that work; for changing.</summary>
    internal JsonObject Settings(string node = "edge-1", string? redis = null, string? keyService = null) =>
        EdgeSettings.Of(node, redis ?? Redis.ConnectionString, keyService ?? KeyServiceAddress, Upstream.Address);

    /// <summary>Writes the settings where their relative paths hold.</summary>
    internal string Write(JsonObject settings)
    {
        var path = Path.Combine(Directory(), "edge.json");
        System.IO.File.WriteAllText(path, settings.ToJsonString());
        return path;
    }

    internal async Task<EdgeNode> StartEdgeAsync(JsonObject settings, IReadOnlyDictionary<string, string>? environment = null)
    {
        var config = Write(settings);
        var name = settings["Edge"]!["Node"]!.GetValue<string>();
        var process = await NodeProcess.StartAsync(
            Project, config, Path.Combine(Path.GetDirectoryName(config)!, $"{name}.ready.json"), environment, TimeSpan.FromSeconds(60));
        return new EdgeNode(process, name, CaFile);
    }

    internal KeyServiceChannel Admin(string? address = null) => KeyServiceChannel.Create(
        [address ?? KeyServiceAddress], CaFile, _files.File("pki", "admin.crt"), _files.File("pki", "admin.key"));
}
