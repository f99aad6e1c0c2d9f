using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Reprise.Edge.Tests.Harness;
using Reprise.Edge.Tests.Purge;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>A node that was removed gets no key any more, and the others do not notice. OpenSSL's client is the judge.</summary>
public sealed class NodeRemovalTests(EdgeWorld world)
{
    private const string Removed = "edge-3";

    private static readonly string[] s_others = ["edge-1", "edge-2"];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task RemoveNode_OfALiveOne_CutsItOffFromWhatTheOthersSealFromThenOn()
    {
        await using var edges = await ThreeEdges.StartAsync(world);
        using var admin = edges.Admin();
        var before = new[] { await edges.FullAsync(0, "1.2", EdgeSettings.Stateless, "stateless"), await edges.FullAsync(2, "1.3", EdgeSettings.Stateless, "stateless") };
        var held = (await edges.Nodes[2].MetricsAsync()).Sum("reprise_epoch_sealing");

        var steps = await RemoveAsync(admin);

        using (var certificate = X509CertificateLoader.LoadCertificateFromFile(world.File($"pki/{Removed}.crt")))
            Assert.Equal(certificate.SerialNumber, Assert.Single(steps[0].Removed.Serials), ignoreCase: true);
        AssertRotated(steps[^1].Rotation.Done);
        await edges.Nodes[2].MetricsSayAsync(now => now.Sum("reprise_keyservice_connected") == 0);
        // It tries again, and again in vain.
        await Eventually.TrueAsync(async () => await RefusalsAsync(edges) >= 2, s_patience);
        var known = (await admin.Admin.NodesAsync(new NodesRequest())).Nodes.Single(node => node.Name == Removed);
        Assert.Equal((true, false), (known.Removed, known.Live));

        // What the others seal now, it does not open, and does not break: these clients get full handshakes.
        foreach (var (version, host, mode) in new[] { ("1.2", EdgeSettings.Stateless, "stateless"), ("1.3", EdgeSettings.Stateless, "stateless"), ("1.2", EdgeSettings.Stateful, null) })
        {
            var session = await edges.FullAsync(0, version, host, mode);
            AssertDeclined(await edges.OfferAsync(2, session));
            AssertResumed(await edges.OfferAsync(1, session));
        }

        // What is from before goes on everywhere, as its epoch has only retired.
        foreach (var node in new[] { 0, 1, 2 })
            AssertResumed(await edges.OfferAsync(node, before[0]));
        AssertResumed(await edges.OfferAsync(1, before[1]));

        // The others go on without it.
        AssertRotated(await RotateAsync(admin));
        AssertResumed(await edges.OfferAsync(1, await edges.FullAsync(0, "1.3", EdgeSettings.Stateless, "stateless")));
        var now = await edges.Nodes[2].MetricsAsync();
        Assert.Equal((0, held), (now.Sum("reprise_keyservice_connected"), now.Sum("reprise_epoch_sealing")));
        Assert.All(edges.Nodes, node => Assert.Empty(node.Errors));
    }

    [Fact]
    public async Task RemoveNode_ThenRestartedWithTheSameCertificate_NeverListens()
    {
        await using var keys = await world.StartKeyServiceAsync();
        var address = keys.Ready.GetProperty("grpc").GetString()!;
        using var admin = world.Admin(address);
        await using (await world.StartEdgeAsync(world.Settings(Removed, keyService: address)))
            await RemoveAsync(admin);

        var config = world.Write(world.Settings(Removed, keyService: address));
        await using var again = NodeProcess.Start(EdgeWorld.Project, ["--config", config]);

        await again.WaitForLineAsync($"edge/{Removed} was removed", s_patience);
        Assert.False(File.Exists(Path.Combine(Path.GetDirectoryName(config)!, $"{Removed}.ready.json")));
        Assert.Equal(0, await again.TerminateAsync());
    }

    private static async Task<IReadOnlyList<RemoveNodeResponse>> RemoveAsync(KeyServiceChannel admin)
    {
        using var call = admin.Admin.RemoveNode(new RemoveNodeRequest { Node = Removed });
        return await call.ResponseStream.ReadAllAsync().ToListAsync();
    }

    private static async Task<RotateResponse.Types.Done> RotateAsync(KeyServiceChannel admin)
    {
        using var call = admin.Admin.Rotate(new RotateRequest());
        return (await call.ResponseStream.ReadAllAsync().ToListAsync())[^1].Done;
    }

    // By all others, and without a word of it.
    private static void AssertRotated(RotateResponse.Types.Done done)
    {
        Assert.True(done.Complete, $"{done}");
        Assert.Equal(s_others, done.Nodes.Select(node => node.Node));
        Assert.All(done.Nodes, node => Assert.True(node is { HasStagedMilliseconds: true, HasActivatedMilliseconds: true }, $"{done}"));
    }

    private static async Task<double> RefusalsAsync(ThreeEdges edges)
    {
        using var http = new HttpClient();
        var management = edges.KeyService.Ready.GetProperty("management").GetString();
        return new Metrics(await http.GetStringAsync(new Uri($"http://{management}/metrics"))).Sum("reprise_keys_refusals_total", ("reason", "removed"));
    }

    private static void AssertResumed(Visit visit) => Assert.True(visit.Kind is HandshakeKind.Resumed, visit.ToString());

    private static void AssertDeclined(Visit visit) =>
        Assert.True((visit.Kind, visit.Mode, visit.Declined) == (HandshakeKind.Full, "full", "unknown_key"), visit.ToString());
}
