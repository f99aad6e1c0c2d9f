using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Hosting;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Harness;

/// <summary>Key services over one real Redis, in this process or as processes, with a CA and a key-encryption key of this test's own.</summary>
internal sealed class ReplicaSet : IAsyncDisposable
{
    /// <summary>Short, so that tests are; long enough for a machine that is busy.</summary>
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(2);

    private readonly TemporaryDirectory _files = new();
    private readonly TestAuthority _authority = new();
    private readonly List<IAsyncDisposable> _parts = [];

    private ReplicaSet(RedisServer redis)
    {
        Redis = redis;
        _authority.WriteAll(_files.Path, keyServices: 3);
        NewKey("kek");
    }

    public RedisServer Redis { get; }

    public List<Replica> Replicas { get; } = [];

    public string File(string name) => _files.File(name);

    public static async Task<ReplicaSet> StartAsync() => new(await RedisServer.StartAsync());

    /// <summary>The same, with key services <c>keys-1</c>… in this process, one of which leads.</summary>
    public static async Task<ReplicaSet> StartAsync(int replicas, params (string Key, string Value)[] settings)
    {
        var set = await StartAsync();
        for (var i = 1; i <= replicas; i++)
            await set.AddAsync($"keys-{i}", settings);
        await set.LeaderAsync();
        return set;
    }

    /// <summary>Writes a file with a fresh key-encryption key.</summary>
    public string NewKey(string name) => _files.Write(name, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) + "\n");

    /// <summary>One more, in this process.</summary>
    public async Task<Replica> AddAsync(string name, params (string Key, string Value)[] settings)
    {
        var log = new CapturedLog();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Settings(name)).AddInMemoryCollection(settings.ToDictionary(pair => pair.Key, pair => (string?)pair.Value)).Build();
        var app = KeyServiceHost.Create(ConfigurationFile.Create(configuration, _files.Path));
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<ListenerAddresses>();
        return Add(new Replica(this, name, $"{addresses[Listener.Grpc]}", new Uri($"http://{addresses[Listener.Management]}"), log, app, null));
    }

    /// <summary>One more, as a process.</summary>
    public async Task<Replica> AddProcessAsync(string name, params (string Key, string Value)[] settings)
    {
        var all = Settings(name);
        foreach (var (key, value) in settings)
            all[key] = value;
        all["KeyService:ReadyFile"] = $"{name}.ready.json";
        var sections = all.GroupBy(pair => pair.Key.Split(':')[0]).Where(section => section.Key != "Logging").ToDictionary(
            section => section.Key, section => section.ToDictionary(pair => pair.Key[(pair.Key.IndexOf(':', StringComparison.Ordinal) + 1)..], pair => pair.Value));
        var config = _files.Write($"{name}.json", System.Text.Json.JsonSerializer.Serialize(sections));
        System.IO.File.Delete(File($"{name}.ready.json"));
        var process = await NodeProcess.StartAsync("Reprise.KeyService", config, File($"{name}.ready.json"));
        return Add(new Replica(
            this, name, process.Ready.GetProperty("grpc").GetString()!, new Uri($"http://{process.Ready.GetProperty("management").GetString()}"), null, null, process));
    }

    /// <summary>The one that leads, as all that live say, with one ledger on all of them.</summary>
    public async Task<Replica> LeaderAsync(TimeSpan? timeout = null)
    {
        Replica? leader = null;
        await Eventually.TrueAsync(
            async () =>
            {
                var lists = await Task.WhenAll(Replicas.Where(replica => replica.Lives).Select(replica => replica.TryListAsync()));
                leader = Replicas.FirstOrDefault(replica => replica.Lives && replica.Name == lists[0]?.Leader);
                return leader is not null && lists.All(list => list is { Generation: > 0 } && list.Leader == leader.Name && Describe(list) == Describe(lists[0]!));
            },
            timeout ?? TimeSpan.FromSeconds(30));
        return leader!;
    }

    /// <summary>One that lives and does not lead.</summary>
    public async Task<Replica> FollowerAsync()
    {
        var leader = await LeaderAsync();
        return Replicas.First(replica => replica.Lives && replica != leader);
    }

    /// <summary>What a list says that must be the same on all.</summary>
    public static string Describe(ListResponse list) => new ListResponse
    {
        Generation = list.Generation,
        Leader = list.Leader,
        Purges = { list.Purges },
        Switches = { list.Switches },
        Epochs = { list.Epochs.Select(epoch => new EpochMetadata { Number = epoch.Number, State = epoch.State, Condemned = epoch.Condemned, OpenUntil = epoch.OpenUntil }) },
    }.ToString();

    public T Track<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }

    public KeyServiceChannel Channel(string address, string name = "admin")
    {
        var channel = KeyServiceChannel.Create([address], File("ca.crt"), File($"{name}.crt"), File($"{name}.key"));
        _parts.Add(new Deferred(channel));
        return channel;
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = _parts.Count - 1; i >= 0; i--)
            await _parts[i].DisposeAsync();
        foreach (var replica in Replicas)
            await replica.DisposeAsync();
        await Redis.DisposeAsync();
        _authority.Dispose();
        _files.Dispose();
    }

    private Replica Add(Replica replica)
    {
        Replicas.Add(replica);
        return replica;
    }

    private Dictionary<string, string?> Settings(string name) => new()
    {
        ["KeyService:Name"] = name,
        ["KeyService:Grpc"] = "127.0.0.1:0",
        ["KeyService:Management"] = "127.0.0.1:0",
        ["KeyService:Authority"] = "ca.crt",
        ["KeyService:Certificate"] = $"{name}.crt",
        ["KeyService:Key"] = $"{name}.key",
        ["KeyService:KeyEncryptionKeyFile"] = "kek",
        ["Store:Redis"] = Redis.ConnectionString,
        ["Store:LeaseDuration"] = LeaseDuration.ToString("c"),
        ["Logging:LogLevel:Default"] = "Trace",
        ["Logging:Console:LogLevel:Default"] = "None",
    };

    private sealed class Deferred(IDisposable inner) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            inner.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
