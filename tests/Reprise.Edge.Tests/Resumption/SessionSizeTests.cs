using System.Globalization;
using Reprise.Core.Sessions;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;
using StackExchange.Redis;

namespace Reprise.Edge.Tests.Resumption;

/// <summary>What a session costs the store (README, Redis): the real thing of either version, in a real Redis, key and all.</summary>
public sealed class SessionSizeTests(EdgeWorld world)
{
    /// <summary>Longer than most, in case it goes into the session.</summary>
    private const string LongHost = "checkout-frontend.eu-central.reprise.test";

    [Theory]
    [InlineData("1.2", "redis:7")]
    [InlineData("1.3", "redis:7")]
    [InlineData("1.2", "redis:8")]
    [InlineData("1.3", "redis:8")]
    public async Task Session_WithoutAClientCertificate_TakesLessThan400Bytes(string version, string image)
    {
        // Where there is no such image, the machine's own server; Garnet counts otherwise.
        await using var redis = await RedisServer.StartAsync(
            await RedisServer.HasImageAsync(image) ? new RedisOptions { Kind = RedisKind.Container, Image = image } : new RedisOptions { Kind = RedisKind.Local });
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-7", redis: redis.ConnectionString).With("Profiles:default:Resumption:Tls13", "Stateful"));

        await edge.VisitAsync(version, LongHost, noTicket: version == "1.2", arguments: ["-alpn", "http/1.1"]);

        await using var judge = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var keys = new List<RedisKey>();
        await foreach (var key in judge.GetServers().Single().KeysAsync(pattern: SessionKey.Pattern))
            keys.Add(key);
        Assert.Equal(version == "1.2" ? 1 : 2, keys.Count);
        foreach (var key in keys)
        {
            var usage = (long)await judge.GetDatabase().ExecuteAsync("MEMORY", "USAGE", key);
            var length = await judge.GetDatabase().StringLengthAsync(key);
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"TLS {version}, {image} ({redis.Kind}): value {length}, in Redis {usage} bytes"));
            Assert.InRange(usage, 100, 399);
        }
    }
}
