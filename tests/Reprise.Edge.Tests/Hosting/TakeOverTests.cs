using System.Net;
using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Hosting;

/// <summary>A process takes the listening sockets over from the one before, which then stops: clients do not notice.</summary>
public sealed class TakeOverTests(EdgeWorld world)
{
    private const int Restarts = 10;
    private const int Clients = 8;

    [Fact]
    public async Task Restart_TenTimesUnderLoad_FailsNoConnectAndTicketsStillResume()
    {
        var config = world.Write(world.Settings("edge-1").With("Edge:TakeOverSocket", "take-over.sock"));
        using var files = new TemporaryDirectory();
        var session = files.File("session.pem");
        var edge = await StartAsync(config);
        try
        {
            var endPoint = edge.EndPoint;
            Assert.Equal(HandshakeKind.Full, (await edge.VisitAsync("1.2", EdgeSettings.Stateless, keep: session)).Kind);
            using var stop = new CancellationTokenSource();
            var done = 0;
            var load = Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
                    await using var stream = await SourceClient.ConnectAsync(edge, endPoint, "127.0.0.1", patience.Token);
                    Assert.Contains("200 OK", await SourceClient.GetAsync(stream, "/", patience.Token));
                    Interlocked.Increment(ref done);
                }
            })).ToList();

            for (var restart = 0; restart < Restarts; restart++)
            {
                var before = Volatile.Read(ref done);
                await Eventually.TrueAsync(() => Volatile.Read(ref done) > before + Clients || load.Exists(client => client.IsFaulted), TimeSpan.FromSeconds(60));
                var next = await StartAsync(config);
                var former = edge;
                edge = next;
                Assert.Equal(endPoint, edge.EndPoint);
                Assert.Equal(0, await former.Process.WaitForExitAsync(TimeSpan.FromSeconds(60)));
                Assert.Empty(former.Errors);
                await former.DisposeAsync();
                Assert.DoesNotContain(load, client => client.IsFaulted);
            }

            await stop.CancelAsync();
            await Task.WhenAll(load); // whatever failed in them is thrown
            Assert.True(done > Restarts * Clients);

            var visit = await edge.VisitAsync("1.2", EdgeSettings.Stateless, offer: session);
            Assert.Equal((HandshakeKind.Resumed, "stateless"), (visit.Kind, visit.Mode));
            using var ready = await edge.AskAsync("/readyz");
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
            Assert.Equal(0, await edge.Process.TerminateAsync());
            Assert.False(File.Exists(Path.Combine(Path.GetDirectoryName(config)!, "take-over.sock")));
            Assert.False(File.Exists(ReadyFile(config)));
        }
        finally
        {
            await edge.DisposeAsync();
        }
    }

    [Fact]
    public async Task Start_ThatFailsAfterItWasGivenTheSockets_LeavesTheOldOneServing()
    {
        var management = FreePort.Next();
        var settings = world.Settings("edge-2").With("Edge:TakeOverSocket", "take-over.sock").With("Edge:Management", $"127.0.0.1:{management}");
        var config = world.Write(settings);
        await using var edge = await StartAsync(config);

        // It gets the sockets, then finds that the place for its ready file cannot be written.
        var broken = Path.Combine(Path.GetDirectoryName(config)!, "broken.json");
        await File.WriteAllTextAsync(broken, settings.With("Edge:ReadyFile", "/proc/nowhere/ready.json").ToJsonString());
        await using var failing = await NodeProcess.RunAsync(EdgeWorld.Project, ["--config", broken]);

        Assert.Equal(1, failing.ExitCode);
        Assert.Equal(HandshakeKind.Full, (await edge.VisitAsync("1.3", EdgeSettings.Stateless)).Kind);
        await using var next = await StartAsync(config); // and a good one takes over after it
        Assert.Equal(0, await edge.Process.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(HandshakeKind.Full, (await next.VisitAsync("1.3", EdgeSettings.Stateless)).Kind);
    }

    [Fact]
    public async Task TakeOver_WithARequestUnderWay_LetsItFinish()
    {
        await using var upstream = await Upstream.StartAsync();
        var config = world.Write(world.Settings("edge-3").With("Edge:TakeOverSocket", "take-over.sock").With("Profiles:default:Upstream:Http:0", upstream.Address));
        await using var edge = await StartAsync(config);
        using var browser = edge.Browser(http2: true);
        var held = browser.GetAsync(new Uri("https://localhost/hold"));
        await upstream.Held.WaitAsync(Eventually.DefaultTimeout);

        await using var next = await StartAsync(config);
        await edge.Process.WaitForLineAsync("serves in the place of this one");
        upstream.Release();

        using var answer = await held;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(0, await edge.Process.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.True(File.Exists(ReadyFile(config))); // the new one's
    }

    private async Task<EdgeNode> StartAsync(string config) => new(
        await NodeProcess.StartAsync(EdgeWorld.Project, config, ReadyFile(config), timeout: TimeSpan.FromSeconds(90)), "edge", world.CaFile);

    private static string ReadyFile(string config) => Path.Combine(
        Path.GetDirectoryName(config)!, JsonNode.Parse(File.ReadAllText(config))!["Edge"]!["ReadyFile"]!.GetValue<string>());
}
