using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;
using static Reprise.Edge.Tests.Reload.LiveEdge;

namespace Reprise.Edge.Tests.Reload;

/// <summary>Files change under a running node: what it serves afterwards, and which sessions are still worth something.</summary>
public sealed class ReloadTests(EdgeWorld world)
{
    [Fact]
    public async Task Reload_CertificateRenewedForTheSameKey_KeepsSessionsAndTickets()
    {
        await using var edge = await StartAsync(world);
        var id = await edge.KeepAsync("1.2", Stateful, noTicket: true);
        var ticket = await edge.KeepAsync("1.2", Stateless);
        var psk = await edge.KeepAsync("1.3", Stateless);
        var before = (await edge.Node.VisitAsync("1.3", Stateless)).Client.PeerCertificate;

        await edge.ReloadAsync(() => edge.Issue());

        Assert.NotEqual(before, (await edge.Node.VisitAsync("1.3", Stateless)).Client.PeerCertificate);
        AssertResumed(await edge.OfferAsync("1.2", Stateful, id, noTicket: true));
        AssertResumed(await edge.OfferAsync("1.2", Stateless, ticket));
        AssertResumed(await edge.OfferAsync("1.3", Stateless, psk));
        Assert.Empty(edge.Node.Errors);
        await edge.Node.MetricsSayAsync(now => now.Sum("reprise_configuration_reloads_total", ("result", "applied")) >= 1 && now.Sum("reprise_configuration_stale") == 0
            && now.Sum("reprise_configuration_last_success_timestamp_seconds") > 1e9);
    }

    [Fact]
    public async Task Reload_NewKey_EndsOlderSessions()
    {
        await using var edge = await StartAsync(world);
        var id = await edge.KeepAsync("1.2", Stateful, noTicket: true);
        var ticket = await edge.KeepAsync("1.3", Stateless);

        await edge.ReloadAsync(() => edge.Issue(newKey: true));

        AssertFull(await edge.OfferAsync("1.2", Stateful, id, noTicket: true));
        AssertFull(await edge.OfferAsync("1.3", Stateless, ticket));
        AssertResumed(await edge.OfferAsync("1.3", Stateless, await edge.KeepAsync("1.3", Stateless)));
    }

    [Fact]
    public async Task Reload_PolicyTightened_EndsOlderSessionsOfThatProfileOnly()
    {
        await using var edge = await StartAsync(world);
        var tightened = await edge.KeepAsync("1.2", Stateless);
        var other = await edge.KeepAsync("1.2", Stateful, noTicket: true);

        await edge.ChangeAsync("Profiles:stateless:Tls", new JsonObject { ["CipherList"] = "ECDHE-ECDSA-AES256-GCM-SHA384" });

        AssertFull(await edge.OfferAsync("1.2", Stateless, tightened));
        AssertResumed(await edge.OfferAsync("1.2", Stateful, other, noTicket: true));
        Assert.Contains(edge.Node.Process.Lines, line => line.Contains("Configuration reloaded: stateless has changed, and its older sessions are over", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reload_BadConfiguration_IsRefusedWholeAndTheFormerOneServes()
    {
        await using var edge = await StartAsync(world);
        var ticket = await edge.KeepAsync("1.3", Stateless);
        edge.Settings.With("Profiles:stateful:Hosts:0", "NO").With("Profiles:stateless:Hosts:1", "new.reprise.test").With("Edge:Loops", "many");
        edge.Write();

        await edge.Node.Process.WaitForLineAsync("refused whole", TimeSpan.FromSeconds(60));

        Assert.Contains(edge.Node.Process.Lines, line => line.Contains("Configuration not reloaded: Profiles:stateful:Hosts:0 is 'NO'; allowed: ", StringComparison.Ordinal));
        Assert.Contains(edge.Node.Process.Lines, line => line.Contains("Configuration not reloaded: Edge:Loops is 'many'; allowed: a whole number", StringComparison.Ordinal));
        await edge.Node.MetricsSayAsync(now => now.Sum("reprise_configuration_stale") == 1 && now.Sum("reprise_configuration_reloads_total", ("result", "refused")) == 1);
        AssertResumed(await edge.OfferAsync("1.3", Stateless, ticket));
        Assert.Equal("default", (await edge.Node.VisitAsync("1.3", "new.reprise.test")).Profile); // nothing of it
        AssertFull(await edge.Node.VisitAsync("1.3", Stateful));

        // A key that is not the certificate's is found out too, and what is right again is served.
        edge.Settings.With("Edge:Loops", 0);
        await edge.ChangeAsync("Profiles:stateful:Hosts:0", Stateful);
        Assert.Equal("stateless", (await edge.Node.VisitAsync("1.3", "new.reprise.test")).Profile);
        File.Copy(Path.Combine(Path.GetDirectoryName(world.CaFile)!, "edge-1.key"), edge.File("site.key"), overwrite: true);
        await edge.Node.MetricsSayAsync(now => now.Sum("reprise_configuration_stale") == 1);
        AssertFull(await edge.Node.VisitAsync("1.3", Stateful));
        await edge.ReloadAsync(() => edge.Issue());
        await edge.Node.MetricsSayAsync(now => now.Sum("reprise_configuration_stale") == 0);
    }

    [Fact]
    public async Task Reload_DirectoryBehindALinkIsSwapped_IsNoticed()
    {
        await using var edge = await StartAsync(world, edge =>
        {
            // As Kubernetes mounts secrets: files are links through a link to a directory, which is replaced.
            foreach (var version in new[] { "v1", "v2" })
            {
                Directory.CreateDirectory(edge.File(version));
                edge.Issue(name: $"{version}/site");
            }

            Directory.CreateSymbolicLink(edge.File("..data"), "v1");
            File.CreateSymbolicLink(edge.File("linked.crt"), "..data/site.crt");
            File.CreateSymbolicLink(edge.File("linked.key"), "..data/site.key");
            edge.Settings.With("Profiles:stateless:Certificates:0", Certificate("linked.crt", "linked.key"));
        });
        var before = (await edge.Node.VisitAsync("1.3", Stateless)).Client.PeerCertificate;

        await edge.ReloadAsync(() =>
        {
            Directory.CreateSymbolicLink(edge.File("..data_tmp"), "v2");
            Assert.Equal(0, System.Diagnostics.Process.Start("mv", ["-T", edge.File("..data_tmp"), edge.File("..data")]) is { } move && move.WaitForExit(10_000) ? move.ExitCode : -1);
        });

        Assert.NotEqual(before, (await edge.Node.VisitAsync("1.3", Stateless)).Client.PeerCertificate);
    }

    [Fact]
    public async Task Reload_HangUp_ReadsFilesAtOnceAndNothingElseDoes()
    {
        await using var edge = await StartAsync(world, edge => edge.Settings.With("Edge:ReloadInterval", "00:00:00"));
        edge.Settings.With("Profiles:stateless:Hosts:1", "new.reprise.test").With("Edge:Loops", 2);
        edge.Write();
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal((0, "default"), (edge.Reloads, (await edge.Node.VisitAsync("1.3", "new.reprise.test")).Profile));

        var before = edge.Reloads;
        await edge.Node.Process.SignalAsync("HUP");
        await Eventually.TrueAsync(() => edge.Reloads > before, TimeSpan.FromSeconds(60));

        Assert.Equal("stateless", (await edge.Node.VisitAsync("1.3", "new.reprise.test")).Profile);
        await edge.Node.Process.WaitForLineAsync("Takes effect at the next start only: Edge:Loops");
    }

    [Fact]
    public async Task Reload_ProfileAdded_HasKeysAndSwitchesAndIsToldToTheKeyService()
    {
        await using var edge = await StartAsync(world);
        using var admin = edge.Admin;
        await admin.Admin.SetResumptionAsync(new() { Profile = "stateful", Stateless = true });
        var added = EdgeSettings.Profile(["added.reprise.test"], stateful: true, stateless: true, "Stateless", world.Upstream.Address).With("Certificates:0", Certificate());

        await edge.ReloadAsync(() =>
        {
            edge.Settings.With("Profiles:added", added);
            edge.Settings.With("Profiles:stateful:IdleTimeout", "00:01:00"); // another object, by the same name
            edge.Write();
        });

        await Eventually.TrueAsync(async () => (await admin.Admin.NodesAsync(new())).Nodes.Single().Profiles.Any(profile => profile.Name == "added"));
        await admin.Admin.SetResumptionAsync(new() { Profile = "added", Stateful = false });
        await Eventually.TrueAsync(async () => (await admin.Admin.NodesAsync(new())).Nodes.Single().Profiles.OrderBy(profile => profile.Name, StringComparer.Ordinal)
            .Select(profile => (profile.Name, profile.Stateful, profile.Stateless)).SequenceEqual(
                [("added", false, true), ("default", true, true), ("stateful", true, true), ("stateless", false, true)]));
        AssertResumed(await edge.OfferAsync("1.2", "added.reprise.test", await edge.KeepAsync("1.2", "added.reprise.test")));
        AssertResumed(await edge.OfferAsync("1.2", Stateful, await edge.KeepAsync("1.2", Stateful))); // by the ticket that was switched on
    }

    // The socket stays open until the next start: under a name that nobody knows it must not serve more than before.
    [Fact]
    public async Task Reload_ListenerRenamed_ServesNoMoreThanItDid()
    {
        await using var edge = await StartAsync(world, edge => edge.Settings
            .With("Edge:Listeners:public:Address", "127.0.0.1:0").With("Edge:Listeners:public:Profiles", new JsonArray("stateless")));
        var address = edge.Node.Process.Ready.GetProperty("listeners").GetProperty("public").GetString()!;

        await edge.ReloadAsync(() =>
        {
            var listeners = edge.Settings["Edge"]!["Listeners"]!.AsObject();
            var settings = listeners["public"]!.DeepClone();
            listeners.Remove("public");
            listeners["renamed"] = settings;
            edge.Write();
        });

        Assert.Equal(HandshakeKind.Full, (await VisitAsync(Stateless)).Kind);
        Assert.Equal(HandshakeKind.None, (await VisitAsync(Stateful)).Kind);
        await edge.Node.Process.WaitForLineAsync("Takes effect at the next start only: Edge:Listeners:public:Address, Edge:Listeners:renamed:Address");

        Task<OpenSslResult> VisitAsync(string host) => new OpenSsl(address) { Version = "1.3", ServerName = host, Request = OpenSsl.Get("/", host) }.RunAsync();
    }

    [Fact]
    public async Task Reload_WhileKeysRotate_LeavesNoProfileWithOldKeys()
    {
        await using var edge = await StartAsync(world);
        using var admin = edge.Admin;
        for (var round = 0; round < 4; round++)
        {
            var rotating = RotateAsync(admin.Admin);
            await edge.ReloadAsync(() => edge.Issue());
            var epoch = await rotating;
            foreach (var host in new[] { Stateless, "localhost" })
            {
                var full = await edge.Node.VisitAsync("1.3", host);
                Assert.True(full.Epoch == epoch, $"{epoch}: {full}");
                AssertResumed(await edge.OfferAsync("1.2", host, await edge.KeepAsync("1.2", host)));
            }
        }

        Assert.Empty(edge.Node.Errors);
    }

    private static async Task<long> RotateAsync(KeyAdmin.KeyAdminClient admin)
    {
        using var rotation = admin.Rotate(new());
        while (await rotation.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
        {
        }

        await Eventually.TrueAsync(async () => (await admin.ListAsync(new())).Epochs.Any(epoch => epoch.State is EpochState.Active));
        return (await admin.ListAsync(new())).Epochs.Single(epoch => epoch.State is EpochState.Active).Number;
    }

    private static void AssertResumed(Visit visit) => Assert.True(visit.Kind is HandshakeKind.Resumed && visit.Mode != "full", visit.ToString());

    private static void AssertFull(Visit visit) => Assert.True((visit.Kind, visit.Mode) == (HandshakeKind.Full, "full"), visit.ToString());
}
