using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Reprise.Core.Keys;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;
using StackExchange.Redis;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>
/// A cluster that has lived a little, with everything logged that anybody would log: the bytes of no epoch are found where anybody can
/// look. A node of the test's own, in the role edge, tells which bytes to look for.
/// </summary>
public sealed class KeyBytesTests(EdgeWorld world)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(1)]
    [InlineData(2)] // over one Redis
    public async Task EpochSecrets_AfterRotationsAndARevocation_AreFoundNowhere(int services)
    {
        await using var redis = await RedisServer.StartAsync();
        var encryptionKey = RandomNumberGenerator.GetBytes(32);
        await using var parts = new Parts();
        for (var i = 1; i <= services; i++)
            parts.Services.Add(await StartKeyServiceAsync($"keys-{i}", services > 1 ? redis.ConnectionString : null, encryptionKey));
        var first = Grpc(parts.Services[0]);
        parts.Edges.AddRange(await Task.WhenAll(new[] { "edge-1", "edge-2" }.Select(name => world.StartEdgeAsync(Tracing(world.Settings(name, redis.ConnectionString, first))))));
        var secrets = new ConcurrentDictionary<long, byte[]>();
        using var witness = await SubscribeAsync(first, secrets);
        using var admin = world.Admin(Grpc(parts.Services[^1])); // where there are two: the one that passes on what the other has to do
        var places = new Places();

        await LiveAsync(admin, parts.Edges, places);
        await Eventually.TrueAsync(() => secrets.Count == 4, s_patience);
        await witness.StopAsync(CancellationToken.None);
        foreach (var service in parts.Services)
            await AskAsync(service, places);
        foreach (var edge in parts.Edges)
            places.Add($"metrics of {edge.Name}", (await edge.MetricsAsync()).Text);
        if (services > 1)
            places.Add("the store", await DumpAsync(redis));
        foreach (var (name, process) in parts.Processes)
        {
            places.Add($"environment of {name}", await File.ReadAllBytesAsync($"/proc/{process.Id}/environ"));
            places.Add($"command line of {name}", await File.ReadAllBytesAsync($"/proc/{process.Id}/cmdline"));
            Assert.Equal(0, await process.TerminateAsync());
            Assert.Contains(process.Lines, line => line.Contains(" dbug: ", StringComparison.Ordinal) || line.Contains(" trce: ", StringComparison.Ordinal));
            places.Add($"log of {name}", process.Output);
        }

        var keys = secrets.ToDictionary(secret => $"epoch {secret.Key}", secret => secret.Value);
        if (services > 1)
            keys.Add("key-encryption key", encryptionKey);
        foreach (var (name, key) in keys)
        {
            var traces = new KeyTraces(key);
            // If it were in one of them, this would say so.
            Assert.Equal("base64", traces.FindIn(Encoding.UTF8.GetBytes($"{places.Texts.Last()}{Convert.ToBase64String(key)}")));
            Assert.Equal("raw", traces.FindIn([.. places.Bytes.Last(), .. new KeyProtocol.V1.Epoch { Secret = ByteString.CopyFrom(key) }.ToByteArray()]));
            Assert.All(places.All, place => Assert.True(traces.FindIn(place.Content) is null, $"{name} is in: {place.Name}, {traces.FindIn(place.Content)}"));
        }
    }

    // Handshakes of all kinds, two rotations and the revocation of the active epoch: four epochs in all.
    private static async Task LiveAsync(KeyServiceChannel admin, IReadOnlyList<EdgeNode> edges, Places places)
    {
        await HandshakesAsync();
        await RotateAsync();
        await HandshakesAsync();
        var sealing = (await admin.Admin.ListAsync(new ListRequest())).Epochs.Single(epoch => epoch.Sealing).Number;
        using (var call = admin.Admin.Revoke(new RevokeRequest { Epoch = sealing, PurgeSessions = true, IdempotencyKey = "revoke" }))
            await ReadAsync(call.ResponseStream, places, "the revocation");
        await HandshakesAsync();
        await RotateAsync();

        async Task RotateAsync()
        {
            using var call = admin.Admin.Rotate(new RotateRequest());
            await ReadAsync(call.ResponseStream, places, "a rotation");
        }

        async Task HandshakesAsync()
        {
            foreach (var host in new[] { EdgeSettings.Stateless, EdgeSettings.Stateful })
            {
                foreach (var version in new[] { "1.2", "1.3" })
                {
                    foreach (var edge in edges)
                    {
                        var visit = await edge.VisitAsync(version, host, noTicket: host == EdgeSettings.Stateful && version == "1.2");
                        Assert.True(visit.Kind is HandshakeKind.Full, visit.ToString());
                    }
                }
            }
        }
    }

    private async Task AskAsync(NodeProcess service, Places places)
    {
        var name = service.Ready.GetProperty("name").GetString();
        using var admin = world.Admin(Grpc(service));
        places.Add($"List of {name}", await admin.Admin.ListAsync(new ListRequest()));
        places.Add($"Nodes of {name}", await admin.Admin.NodesAsync(new NodesRequest()));
        using (var call = admin.Admin.Audit(new AuditRequest()))
            await ReadAsync(call.ResponseStream, places, $"Audit of {name}");
        using var http = new HttpClient();
        places.Add($"metrics of {name}", await http.GetStringAsync(new Uri($"http://{service.Ready.GetProperty("management").GetString()}/metrics")));
    }

    private async Task<NodeProcess> StartKeyServiceAsync(string name, string? redis, byte[] encryptionKey)
    {
        var directory = world.Directory();
        using (var certificate = world.Authority.KeyService(name))
            TestAuthority.Write(certificate, directory, name);
        await File.WriteAllTextAsync(Path.Combine(directory, "kek"), Convert.ToBase64String(encryptionKey));
        var settings = Tracing(new JsonObject())
            .With("KeyService:Name", name).With("KeyService:Grpc", "127.0.0.1:0").With("KeyService:Management", "127.0.0.1:0").With("KeyService:ReadyFile", "ready.json")
            .With("KeyService:Authority", "pki/ca.crt").With("KeyService:Certificate", $"{name}.crt").With("KeyService:Key", $"{name}.key")
            .With("Rotation:MinimumSpacing", "00:00:00").With("Rotation:RevokeTimeout", "00:00:30").With("Rotation:AcknowledgeTimeout", "00:00:30");
        if (redis is not null)
            settings.With("KeyService:KeyEncryptionKeyFile", "kek").With("Store:Redis", redis);
        var config = Path.Combine(directory, "keys.json");
        await File.WriteAllTextAsync(config, settings.ToJsonString());
        var process = await NodeProcess.StartAsync("Reprise.KeyService", config, Path.Combine(directory, "ready.json"), timeout: s_patience);
        using var admin = world.Admin(Grpc(process));
        // The first one leads before there is another; a second one knows it.
        await Eventually.TrueAsync(async () => (await admin.Admin.ListAsync(new ListRequest())) is { Generation: > 0, Leader: "keys-1" }, s_patience);
        return process;
    }

    private async Task<KeyRingSubscriber> SubscribeAsync(string address, ConcurrentDictionary<long, byte[]> secrets)
    {
        var witness = new KeyRingSubscriber(
            Options.Create(new KeyRingSubscriberOptions
            {
                Addresses = { $"https://{address}" },
                Authority = world.CaFile,
                Certificate = world.File("pki/edge-7.crt"),
                Key = world.File("pki/edge-7.key"),
            }),
            TimeProvider.System,
            NullLogger<KeyRingSubscriber>.Instance);
        witness.Changed += ring =>
        {
            foreach (var epoch in ring.Epochs)
            {
                var bytes = new byte[EpochSecret.Length];
                epoch.Secret?.CopyTo(bytes);
                if (epoch.Secret is not null)
                    secrets[epoch.Number] = bytes;
            }
        };
        await witness.StartAsync(CancellationToken.None);
        await witness.FirstRing.WaitAsync(s_patience);
        return witness;
    }

    private static async Task ReadAsync<T>(IAsyncStreamReader<T> stream, Places places, string name)
        where T : IMessage
    {
        await foreach (var message in stream.ReadAllAsync())
            places.Add(name, message);
    }

    // All values of all keys, each as its type gives it out.
    private static async Task<byte[]> DumpAsync(RedisServer redis)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.ConnectionString},allowAdmin=true");
        var database = connection.GetDatabase();
        var values = new List<byte>();
        var types = new HashSet<RedisType>();
        await foreach (var key in connection.GetServers().Single().KeysAsync())
        {
            var type = await database.KeyTypeAsync(key);
            types.Add(type);
            IEnumerable<RedisValue> found = type switch
            {
                RedisType.String => [await database.StringGetAsync(key)],
                RedisType.Hash => (await database.HashGetAllAsync(key)).Select(entry => entry.Value),
                RedisType.List => await database.ListRangeAsync(key),
                RedisType.Stream => (await database.StreamRangeAsync(key)).SelectMany(entry => entry.Values, (_, field) => field.Value),
                RedisType.None => [], // it has expired meanwhile
                _ => throw new NotSupportedException($"{key} is a {type}."),
            };
            foreach (var value in found)
                values.AddRange((byte[]?)value ?? []);
        }

        Assert.True(types.IsSupersetOf([RedisType.String, RedisType.Hash]), string.Join(", ", types));
        return [.. values];
    }

    private static JsonObject Tracing(JsonObject settings)
    {
        foreach (var category in new[] { "Default", "Microsoft", "Grpc", "Yarp" })
            settings.With($"Logging:LogLevel:{category}", "Trace");
        return settings;
    }

    private static string Grpc(NodeProcess service) => service.Ready.GetProperty("grpc").GetString()!;

    private sealed class Parts : IAsyncDisposable
    {
        public List<NodeProcess> Services { get; } = [];

        public List<EdgeNode> Edges { get; } = [];

        public IEnumerable<(string Name, NodeProcess Process)> Processes =>
            [.. Edges.Select(edge => (edge.Name, edge.Process)), .. Services.Select(service => (service.Ready.GetProperty("name").GetString()!, service))];

        public async ValueTask DisposeAsync()
        {
            foreach (var edge in Edges)
                await edge.DisposeAsync();
            foreach (var service in Services)
                await service.DisposeAsync();
        }
    }

    // What was looked at; none of it is empty.
    private sealed class Places
    {
        public List<(string Name, byte[] Content)> All { get; } = [];

        public List<string> Texts { get; } = [];

        public List<byte[]> Bytes { get; } = [];

        public void Add(string name, string text)
        {
            Texts.Add(text);
            Keep(name, Encoding.UTF8.GetBytes(text));
        }

        public void Add(string name, byte[] bytes)
        {
            Bytes.Add(bytes);
            Keep(name, bytes);
        }

        public void Add(string name, IMessage message)
        {
            Add(name, message.ToByteArray());
            Add(name, message.ToString()!);
        }

        private void Keep(string name, byte[] content)
        {
            Assert.True(content.Length > 0, $"{name}: nothing");
            All.Add((name, content));
        }
    }
}
