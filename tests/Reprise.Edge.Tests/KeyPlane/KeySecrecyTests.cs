using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Reprise.Core.Keys;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;
using StackExchange.Redis;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>
/// A cluster that has lived a little, with everything logged that anybody would log: the bytes of no key are found where anybody can
/// look. A node of the test's own tells which bytes to look for.
/// </summary>
public sealed class KeySecrecyTests(EdgeWorld world)
{
    [Fact]
    public async Task Keys_AfterRotationsAndARevocation_AreInNoLogMetricAnswerEnvironmentCommandLineOrStore()
    {
        await using var cluster = await TwoKeyServices.StartAsync(world, new JsonObject { ["MinimumSpacing"] = "00:00:00" }, trace: true, "edge-1", "edge-2");
        var secrets = new ConcurrentDictionary<long, byte[]>();
        using var witness = await SubscribeAsync(cluster, secrets);
        using var admin = cluster.Admin(1); // which passes on what is the leader's to do
        var answers = new List<string>();
        foreach (var version in new[] { "1.2", "1.3" })
            Assert.Equal(HandshakeKind.Full, (await cluster.Edges[0].VisitAsync(version, EdgeSettings.Stateless)).Kind);
        var first = secrets.Keys.Single();
        using (var rotation = admin.Admin.Rotate(new RotateRequest()))
            answers.AddRange(await ReadAsync(rotation.ResponseStream));
        using (var revocation = admin.Admin.Revoke(new RevokeRequest { Epoch = first, PurgeSessions = true }))
            answers.AddRange(await ReadAsync(revocation.ResponseStream));
        using (var rotation = admin.Admin.Rotate(new RotateRequest()))
            answers.AddRange(await ReadAsync(rotation.ResponseStream));
        answers.Add((await admin.Admin.ListAsync(new ListRequest())).ToString());
        answers.Add((await admin.Admin.NodesAsync(new NodesRequest())).ToString());
        using (var audit = admin.Admin.Audit(new AuditRequest()))
            answers.AddRange(await ReadAsync(audit.ResponseStream));
        await Eventually.TrueAsync(() => secrets.Count >= 3);

        var places = new Dictionary<string, byte[]> { ["answers"] = Encoding.UTF8.GetBytes(string.Join('\n', answers)) };
        var processes = cluster.Edges.Select(edge => (edge.Name, edge.Process)).Concat(cluster.Services.Select((service, i) => ($"keys-{i + 1}", service))).ToList();
        using var http = new HttpClient();
        foreach (var (name, process) in processes)
        {
            places[$"environ of {name}"] = await File.ReadAllBytesAsync($"/proc/{process.Id}/environ");
            places[$"cmdline of {name}"] = await File.ReadAllBytesAsync($"/proc/{process.Id}/cmdline");
            var management = process.Ready.GetProperty(name.StartsWith("keys", StringComparison.Ordinal) ? "dashboard" : "management").GetString();
            places[$"metrics of {name}"] = await http.GetByteArrayAsync(new Uri($"http://{management}/metrics"));
        }

        places["store"] = await DumpAsync(cluster.Redis);
        await witness.StopAsync(CancellationToken.None);
        foreach (var (name, process) in processes)
        {
            Assert.Equal(0, await process.TerminateAsync());
            places[$"log of {name}"] = Encoding.UTF8.GetBytes(process.Output);
            Assert.Contains("dbug: ", process.Output, StringComparison.Ordinal);
        }

        Assert.All(places, place => Assert.NotEmpty(place.Value));
        foreach (var (place, content) in places)
        {
            foreach (var (epoch, secret) in secrets)
                AssertAbsent(secret, content, $"{place}, epoch {epoch}");
            AssertAbsent(Convert.FromBase64String(await File.ReadAllTextAsync(world.File("pki/kek"))), content, $"{place}, key-encryption key");
        }
    }

    private async Task<KeyRingSubscriber> SubscribeAsync(TwoKeyServices cluster, ConcurrentDictionary<long, byte[]> secrets)
    {
        var witness = new KeyRingSubscriber(
            Options.Create(new KeyRingSubscriberOptions
            {
                Addresses = { $"https://{cluster.Services[0].Ready.GetProperty("grpc").GetString()}" },
                Authority = world.CaFile,
                Certificate = world.File("pki/edge-7.crt"),
                Key = world.File("pki/edge-7.key"),
            }),
            TimeProvider.System,
            NullLogger<KeyRingSubscriber>.Instance);
        witness.Changed += ring =>
        {
            foreach (var epoch in ring.Epochs.Where(epoch => epoch.Secret is not null))
            {
                var bytes = new byte[EpochSecret.Length];
                epoch.Secret!.CopyTo(bytes);
                secrets[epoch.Number] = bytes;
            }
        };
        await witness.StartAsync(CancellationToken.None);
        await witness.FirstRing.WaitAsync(Eventually.DefaultTimeout);
        return witness;
    }

    // As they are, and in the ways that bytes are written down. A part is enough: logs cut what is long.
    private static void AssertAbsent(byte[] secret, byte[] content, string where)
    {
        Assert.True(content.AsSpan().IndexOf(secret.AsSpan(0, 8)) < 0, $"as bytes in {where}");
        var text = Encoding.Latin1.GetString(content);
        foreach (var written in new[]
        {
            Convert.ToHexString(secret, 0, 8), BitConverter.ToString(secret, 0, 8), BitConverter.ToString(secret, 0, 8).Replace('-', ' '), Convert.ToBase64String(secret)[..10],
            Convert.ToBase64String(secret).Replace('+', '-').Replace('/', '_')[..10], string.Join(", ", secret.Take(6)), string.Join(',', secret.Take(6)),
        })
            Assert.False(text.Contains(written, StringComparison.OrdinalIgnoreCase), $"as text in {where}");
    }

    private static async Task<List<string>> ReadAsync<T>(IAsyncStreamReader<T> stream)
        where T : class
    {
        var texts = new List<string>();
        await foreach (var message in stream.ReadAllAsync())
            texts.Add(message.ToString()!);
        Assert.NotEmpty(texts);
        return texts;
    }

    // All values of all keys, in whichever type.
    private static async Task<byte[]> DumpAsync(RedisServer redis)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.ConnectionString},allowAdmin=true");
        var database = connection.GetDatabase();
        var values = new List<byte>();
        await foreach (var key in connection.GetServers().Single().KeysAsync(pattern: "*"))
        {
            switch (await database.KeyTypeAsync(key))
            {
                case RedisType.String:
                    values.AddRange((byte[])(await database.StringGetAsync(key))!);
                    break;
                case RedisType.Hash:
                    values.AddRange((await database.HashGetAllAsync(key)).SelectMany(entry => (byte[])entry.Value!));
                    break;
                case RedisType.List:
                    values.AddRange((await database.ListRangeAsync(key)).SelectMany(entry => (byte[])entry!));
                    break;
                case RedisType.Stream:
                    values.AddRange((await database.StreamRangeAsync(key)).SelectMany(entry => entry.Values).SelectMany(pair => (byte[])pair.Value!));
                    break;
                default:
                    Assert.Fail($"{key}: of no type that is known here");
                    break;
            }
        }

        return [.. values];
    }
}
