using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Edge.Tests.KeyPlane;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;
using Reprise.Testing.Sites;

namespace Reprise.Edge.Tests.Management;

/// <summary>A real Prometheus watches a real cluster: it is silent while all is well, and says what happens when something does.</summary>
public sealed class AlertTests(EdgeWorld world)
{
    // Of certificates and lists of this test, which live as long as it does.
    private static readonly string[] s_shortLives = ["RepriseCertificateExpiring", "RepriseOcspResponseExpiring", "RepriseRevocationListExpiring"];

    [Fact]
    public async Task Alerts_OfARunningCluster_SayWhatHappens()
    {
        Assert.SkipUnless(File.Exists(Prometheus.Program), "prometheus is not installed");
        await using var keys = await TwoKeyServices.StartAsync(world, new JsonObject { ["MinimumSpacing"] = "00:00:00" });
        using var files = new TemporaryDirectory();
        using var clients = new ClientPki(files.Path);
        await using var one = await world.StartEdgeAsync(WithAllThatExpires(Settings("edge-5", keys), files, clients));
        await using var two = await world.StartEdgeAsync(Settings("edge-6", keys));
        await using var prometheus = await Prometheus.StartAsync(
            [one.Management.Authority, two.Management.Authority], keys.Services.Select(service => service.Ready.GetProperty("management").GetString()!));
        await Eventually.TrueAsync(async () => await prometheus.TargetsUpAsync() == 4, TimeSpan.FromSeconds(30));

        await ResumeAsync(one, two);
        using (var admin = keys.Admin(0))
            await RotateAsync(admin.Admin);
        await prometheus.FiresAsync("RepriseCertificateExpiring"); // so rules are evaluated by now
        Assert.Empty((await prometheus.FiringAsync()).Select(firing => firing.Name).Except(s_shortLives));

        // A laggard: stopped, with its stream still open. The rotation ends without it.
        await two.Process.SignalAsync("STOP");
        using (var admin = keys.Admin(0))
        {
            var rotation = RotateAsync(admin.Admin);
            await prometheus.FiresAsync("RepriseLaggard", about: "edge-6");
            await rotation;
        }

        await prometheus.FiresAsync("RepriseRotationIncomplete", about: "laggards");
        await two.Process.ContinueAsync();
        await prometheus.EndsAsync("RepriseLaggard");

        // Redis, which is the session store and the key services' too: silent at first, then gone.
        await keys.Redis.PauseAsync();
        await Eventually.TrueAsync(async () =>
        {
            await one.VisitAsync("1.3", EdgeSettings.Stateful); // wants to be stored
            return (await prometheus.FiringAsync()).Any(firing => firing.Name == "RepriseStoreBreakerOpen" && firing.Summary.Contains(one.Management.Authority, StringComparison.Ordinal));
        }, TimeSpan.FromSeconds(60));
        await keys.Redis.KillAsync();
        await prometheus.FiresAsync("RepriseStoreDisconnected", about: two.Management.Authority);
        await prometheus.FiresAsync("RepriseNoLeader", about: "0 key services lead");
        await prometheus.FiresAsync("RepriseKeyStoreErrors");

        // Whatever rules and dashboard ask for has been scraped by now.
        var unknown = RulesTests.Names().Except(await prometheus.NamesAsync());
        Assert.Empty(unknown);

        await keys.Redis.RestartAsync();
        await prometheus.EndsAsync("RepriseNoLeader");
        await prometheus.EndsAsync("RepriseStoreDisconnected");

        await two.Process.KillAsync();
        await prometheus.FiresAsync("RepriseNodeDown", about: two.Management.Authority);
        foreach (var service in keys.Services)
            await service.KillAsync();
        await prometheus.FiresAsync("RepriseKeyServiceUnreachable", about: one.Management.Authority);
    }

    private JsonObject Settings(string node, TwoKeyServices keys) => world.Settings(node, redis: keys.Redis.ConnectionString)
        .With("Sessions:StoreBudget", "00:00:00.100").With("Sessions:BreakDuration", "00:00:05")
        .With("KeyService:Addresses", new JsonArray([.. keys.Services.Select(service => JsonValue.Create($"https://{service.Ready.GetProperty("grpc").GetString()}"))]));

    // A profile that staples an OCSP response, and one that goes by revocation lists.
    private JsonObject WithAllThatExpires(JsonObject settings, TemporaryDirectory files, ClientPki clients)
    {
        var site = new SiteAuthority().Issue(new SiteRequest { Hosts = ["stapled.test"] });
        var written = site.Write(files.Path, "stapled");
        var stapled = EdgeSettings.Profile(["stapled.test"], stateful: true, stateless: true, "Stateless", world.Upstream.Address);
        stapled["Certificates"] = new JsonArray(new JsonObject { ["Chain"] = written.Chain, ["Key"] = written.Key, ["OcspResponse"] = site.WriteOcsp(files.Path, "stapled.ocsp") });
        var known = EdgeSettings.Profile(["known.test"], stateful: true, stateless: true, "Stateless", world.Upstream.Address)
            .With("ClientAuth:Mode", "Required").With("ClientAuth:Authorities", clients.Authorities).With("ClientAuth:Depth", 1);
        known["ClientAuth"]!["RevocationLists"] = new JsonArray(clients.RevocationLists);
        return settings.With("Profiles:stapled", stapled).With("Profiles:known", known);
    }

    private async Task ResumeAsync(EdgeNode one, EdgeNode two)
    {
        foreach (var host in (string[])[EdgeSettings.Stateful, EdgeSettings.Stateless])
        {
            // A busy machine may miss the budget: then it is tried again.
            await Eventually.TrueAsync(async () =>
            {
                var session = world.File($"watched-{Guid.NewGuid():n}.pem");
                await one.VisitAsync("1.3", host, keep: session);
                return (await two.VisitAsync("1.3", host, offer: session)).Kind is HandshakeKind.Resumed;
            });
        }
    }

    private static async Task RotateAsync(KeyAdmin.KeyAdminClient admin)
    {
        using var call = admin.Rotate(new RotateRequest());
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            // To its end.
        }
    }
}
