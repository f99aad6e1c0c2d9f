using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Reprise.Core.Keys;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Hosting;

/// <summary>With everything logged that anybody would log, no secret is in it.</summary>
public sealed partial class SecrecyTests(EdgeWorld world) : IDisposable
{
    private const string Password = "correct-horse-battery-staple";

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Log_AtTraceLevel_HasNoKeysNoSessionsAndNoPassword()
    {
        await using var redis = await RedisServer.StartAsync(new RedisOptions { Password = Password });
        var settings = world.Settings("edge-8", redis: $"{redis.Address}").With("Sessions:PasswordFile", "password")
            .With("Logging:LogLevel:Default", "Trace").With("Logging:LogLevel:Microsoft", "Trace").With("Logging:LogLevel:Grpc", "Trace").With("Logging:LogLevel:Yarp", "Trace");
        var config = world.Write(settings);
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(config)!, "password"), Password + "\n");
        var process = await NodeProcess.StartAsync(
            EdgeWorld.Project, config, Path.Combine(Path.GetDirectoryName(config)!, "edge-8.ready.json"), timeout: TimeSpan.FromSeconds(60));
        await using var edge = new EdgeNode(process, "edge-8", world.CaFile);

        var secrets = new List<string> { Password };
        foreach (var (version, host, noTicket) in new[] { ("1.2", EdgeSettings.Stateful, true), ("1.2", EdgeSettings.Stateless, false), ("1.3", EdgeSettings.Stateful, false), ("1.3", EdgeSettings.Stateless, false) })
        {
            var session = _files.File("session.pem");
            var full = await edge.VisitAsync(version, host, noTicket, keep: session);
            var resumed = await edge.VisitAsync(version, host, noTicket, offer: session);
            Assert.Equal(HandshakeKind.Resumed, resumed.Kind);
            foreach (var visit in new[] { full, resumed })
                secrets.AddRange(SessionSecrets().Matches(visit.Client.Output).Select(match => match.Groups[1].Value));
        }

        Assert.Equal(0, await process.TerminateAsync());
        secrets.AddRange(await EpochSecretsAsync());
        var log = process.Output;
        Assert.Contains("dbug: ", log, StringComparison.Ordinal);
        Assert.True(secrets.Count > 8);
        foreach (var secret in secrets)
            Assert.False(log.Contains(secret, StringComparison.OrdinalIgnoreCase), $"The log has {secret[..4]}...");
    }

    /// <summary>The epochs' secrets as text in the ways that bytes are logged, by a node of the test's own.</summary>
    private async Task<IEnumerable<string>> EpochSecretsAsync()
    {
        using var node = new KeyRingSubscriber(
            Options.Create(new KeyRingSubscriberOptions
            {
                Addresses = { $"https://{world.KeyServiceAddress}" },
                Authority = world.CaFile,
                Certificate = world.File("pki/edge-7.crt"),
                Key = world.File("pki/edge-7.key"),
            }),
            TimeProvider.System,
            NullLogger<KeyRingSubscriber>.Instance);
        await node.StartAsync(CancellationToken.None);
        var ring = await node.FirstRing.WaitAsync(Eventually.DefaultTimeout);
        var texts = new List<string>();
        foreach (var epoch in ring.Epochs)
        {
            var bytes = new byte[EpochSecret.Length];
            epoch.Secret!.CopyTo(bytes);
            texts.AddRange([Convert.ToHexString(bytes, 0, 8), BitConverter.ToString(bytes, 0, 8), Convert.ToBase64String(bytes)[..10], string.Join(", ", bytes.Take(5))]);
        }

        await node.StopAsync(CancellationToken.None);
        return texts;
    }

    [GeneratedRegex(@"^ +(?:Session-ID|Master-Key|Resumption PSK): ([0-9A-F]{32,})$", RegexOptions.Multiline)]
    private static partial Regex SessionSecrets();
}
