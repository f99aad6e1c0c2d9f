using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Up;

/// <summary>The other commands against <c>up</c>; nothing here breaks the cluster.</summary>
[Collection("up")]
public sealed class UpTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    [Fact]
    public async Task Probe_OfAWholeCluster_ResumesEveryPairInEveryWay()
    {
        var run = await cluster.RunAsync("probe", "--json");

        using var told = JsonDocument.Parse(run.Out);
        var pairs = told.RootElement.GetProperty("pairs").EnumerateArray().ToList();
        Assert.Empty(pairs.Where(pair => pair.GetProperty("outcome").GetString() != "resumed").Select(pair => pair.GetProperty("reason").GetString()));
        Assert.Equal(6 * 9, pairs.Count);
        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.All(pairs, pair =>
        {
            var report = pair.GetProperty("report");
            Assert.Equal(pair.GetProperty("mode").GetString(), report.GetProperty("mode").GetString());
            Assert.Equal(pair.GetProperty("from").GetString(), report.GetProperty("issuer").GetString());
            Assert.Equal(pair.GetProperty("to").GetString(), report.GetProperty("node").GetString());
        });
    }

    [Fact]
    public async Task Probe_OfAWholeCluster_ShowsWhatEachWayGains()
    {
        var run = await cluster.RunAsync("probe", "--json", "--repeat", "2", "--nodes", "edge-1,edge-3");

        using var told = JsonDocument.Parse(run.Out);
        var ways = told.RootElement.GetProperty("ways").EnumerateArray().ToList();
        Assert.Equal(6, ways.Count);
        Assert.All(ways.Concat(told.RootElement.GetProperty("pairs").EnumerateArray()), measured =>
        {
            var (full, resumed) = (measured.GetProperty("fullHandshake"), measured.GetProperty("resumedHandshake"));
            Assert.True(full.GetProperty("milliseconds").GetDouble() > 0);
            Assert.True(resumed.GetProperty("milliseconds").GetDouble() > 0);
            Assert.InRange(resumed.GetProperty("bytesReceived").GetInt64(), 1, full.GetProperty("bytesReceived").GetInt64() / 2); // no certificate
            Assert.True(resumed.GetProperty("bytesSent").GetInt64() > 0);
            var tls12 = measured.GetProperty("tls").GetString() == "1.2";
            Assert.Equal((tls12 ? 2 : 1, 1), (full.GetProperty("roundTrips").GetInt32(), resumed.GetProperty("roundTrips").GetInt32()));
        });
        Assert.All(ways, way => Assert.Equal((8, 8), (way.GetProperty("sessions").GetInt32(), way.GetProperty("resumed").GetInt32())));
    }

    [Fact]
    public async Task Probe_ForPeople_FitsIn100Columns()
    {
        var run = await cluster.RunAsync("probe");

        Assert.Contains("27 of 27", run.Out, StringComparison.Ordinal);
        Assert.Contains("2 → 1", run.Out, StringComparison.Ordinal);
        Assert.All(run.Out.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 100, line));
    }

    [Fact]
    public async Task Probe_OfTheDefaultProfile_ResumesInBothModes() =>
        // Its TLS 1.3 is stateless.
        Assert.Equal(ExitCode.Done, (await cluster.RunAsync("probe", "--sni", "other.reprise.test", "--tls", "1.2")).ExitCode);

    [Fact]
    public async Task KeysRotate_WithWait_NamesEveryNodesAcknowledgement()
    {
        var run = await RotateAsync("keys", "rotate", "--wait");

        Assert.All((string[])["edge-1", "edge-2", "edge-3"], node =>
        {
            Assert.Contains($"{node} acknowledged the staging after", run.Out, StringComparison.Ordinal);
            Assert.Contains($"{node} acknowledged the activation after", run.Out, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task KeysRotate_AndAgain_LeavesTheNewestEpochSealing()
    {
        await RotateAsync("keys", "rotate");
        using var rotated = JsonDocument.Parse((await RotateAsync("keys", "rotate", "--wait", "--json")).Out);
        Assert.True(rotated.RootElement.GetProperty("complete").GetBoolean());

        using var list = JsonDocument.Parse((await cluster.RunAsync("keys", "list", "--json")).Out);
        var newest = list.RootElement.GetProperty("epochs")[0];
        Assert.Equal(rotated.RootElement.GetProperty("epoch").GetInt64(), newest.GetProperty("number").GetInt64());
        Assert.True(newest.GetProperty("sealing").GetBoolean());
        Assert.Equal(3, list.RootElement.GetProperty("nodes").GetArrayLength());
        Assert.Contains("edge-3", (await cluster.RunAsync("keys", "list")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeysRevoke_OfTheActiveEpoch_DestroysItAndAnotherSeals()
    {
        var active = (await cluster.ListAsync()).GetProperty("epochs")[0].GetProperty("number").GetInt64();
        var number = active.ToString(CultureInfo.InvariantCulture);

        using var told = JsonDocument.Parse((await RotateAsync("keys", "revoke", number, "--yes", "--json")).Out);

        Assert.True(told.RootElement.GetProperty("complete").GetBoolean());
        Assert.Equal(["edge-1", "edge-2", "edge-3"], told.RootElement.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("name").GetString()));
        var list = await cluster.ListAsync();
        var epochs = list.GetProperty("epochs").EnumerateArray().ToDictionary(epoch => epoch.GetProperty("number").GetInt64());
        Assert.Equal("destroyed", epochs[active].GetProperty("state").GetString());
        Assert.True(epochs[told.RootElement.GetProperty("sealing").GetInt64()].GetProperty("sealing").GetBoolean());
        (await cluster.RunAsync("keys", "revoke", number, "--yes")).AssertFailed(ExitCode.Failed, "destroyed already");
        (await cluster.RunAsync("keys", "revoke", "1", "--yes")).AssertFailed(ExitCode.Failed, "no epoch 1");
    }

    // Whichever key service a node's stream is with.
    [Fact]
    public async Task NodesList_OfEitherKeyService_HasEveryNodeWithItsCertificate()
    {
        foreach (var service in cluster.Description.KeyService)
        {
            using var told = JsonDocument.Parse((await cluster.RunAsync("nodes", "list", "--json", "--key-service", service.Grpc)).Out);
            Assert.Equal(service.Name, told.RootElement.GetProperty("service").GetString());
            var nodes = told.RootElement.GetProperty("nodes").EnumerateArray().ToList();
            Assert.Equal(["edge-1", "edge-2", "edge-3"], nodes.Select(node => node.GetProperty("name").GetString()));
            using var certificates = JsonDocument.Parse((await CommandRun.OfAsync("certs", "show", Path.Combine(cluster.Data, "pki"), "--json")).Out);
            Assert.All(nodes, node =>
            {
                Assert.True(node.GetProperty("live").GetBoolean());
                Assert.Equal(3, node.GetProperty("profiles").GetArrayLength());
                var certificate = certificates.RootElement.EnumerateArray().Single(each => each.GetProperty("identity").GetString() == $"edge/{node.GetProperty("name").GetString()}");
                Assert.Equal(certificate.GetProperty("serial").GetString(), node.GetProperty("serial").GetString());
            });
        }
    }

    [Fact]
    public async Task Dashboard_OfEitherKeyService_ShowsWhatNodesDoToWhoHasTheToken()
    {
        await ProbeAsync();
        using var browser = Browser();
        var token = (await File.ReadAllTextAsync(Path.Combine(cluster.Data, "pki", "dashboard.token"))).Trim();
        foreach (var service in cluster.Description.KeyService)
        {
            var address = new Uri($"https://{service.Dashboard}/api/state");
            using (var stranger = await browser.GetAsync(address))
                Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);

            await Eventually.TrueAsync(async () =>
            {
                using var asked = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Authorization = new("Bearer", token) } };
                using var answer = await browser.SendAsync(asked);
                using var state = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
                var nodes = state.RootElement.GetProperty("nodes").EnumerateArray().ToList();
                return state.RootElement.GetProperty("service").GetString() == service.Name
                    && nodes.Select(node => node.GetProperty("name").GetString()).SequenceEqual(["edge-1", "edge-2", "edge-3"])
                    && nodes.All(node => node.GetProperty("handshakesPerSecond").ValueKind is JsonValueKind.Number
                        && node.GetProperty("resumedFrom").EnumerateArray().Count(from => from.GetProperty("total").GetInt64() > 0) == 3);
            }, TimeSpan.FromSeconds(60));
        }
    }

    [Fact]
    public async Task NodesRemove_OfANodeThatNobodyHasSeen_IsNo() =>
        (await cluster.RunAsync("nodes", "remove", "edge-99", "--yes")).AssertFailed(ExitCode.Failed, "no node of this name");

    [Fact]
    public async Task ProfilesSet_OffAndOnAgain_IsInForceOnEveryNodeAndKnownByWhom()
    {
        foreach (var word in (string[])["off", "on"])
        {
            var run = await cluster.RunAsync("profiles", "set", "default", "--stateful", word);
            Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));

            // A node tells what it serves with its acknowledgement, which the other key service hears of a moment later.
            await Eventually.TrueAsync(async () =>
            {
                using var told = JsonDocument.Parse((await cluster.RunAsync("profiles", "list", "--json")).Out);
                var profile = told.RootElement.GetProperty("profiles").EnumerateArray().Single(each => each.GetProperty("name").GetString() == "default");
                return profile.GetProperty("switched").GetProperty("by").GetString() == "admin/admin"
                    && profile.GetProperty("nodes").EnumerateArray().Count(node => node.GetProperty("stateful").GetBoolean() == (word == "on")) == 3;
            });
        }
    }

    [Fact]
    public async Task Audit_AfterARotation_HasItAndHoldsTogether()
    {
        await RotateAsync("keys", "rotate", "--wait");

        var run = await cluster.RunAsync("audit", "--verify");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Matches("admin/admin +rotate +epoch [0-9]+ +ok", run.Out);
        Assert.Contains("each follows from the one before, back to the first", run.Out, StringComparison.Ordinal);
    }

    // A session file of s_client; the nodes do as they say, and saying it costs the client nothing.
    [Fact]
    public async Task Explain_OfAHandleBeforeAndAfterItsUse_SaysWhatEachNodeDoes()
    {
        using var files = new TemporaryDirectory();
        var client = new OpenSsl(cluster.Description.Edges[0].Tls)
        {
            Version = "1.3",
            ServerName = "stateful.reprise.test",
            CaFile = Path.Combine(cluster.Data, "pki", "ca.crt"),
            SessionOut = files.File("session.pem"),
            Request = OpenSsl.Get("/.well-known/reprise/handshake", "stateful.reprise.test"),
        };
        Assert.Equal(HandshakeKind.Full, (await client.RunAsync()).Kind);

        await Eventually.TrueAsync(async () => (await cluster.RunAsync("explain", files.File("session.pem"))).ExitCode == ExitCode.Done); // each node has 2 s
        var resumed = await (client with { Connect = cluster.Description.Edges[1].Tls, SessionIn = files.File("session.pem"), SessionOut = null }).RunAsync();
        var after = await cluster.RunAsync("explain", files.File("session.pem"));

        Assert.Equal(HandshakeKind.Resumed, resumed.Kind);
        Assert.Equal((ExitCode.Failed, ""), (after.ExitCode, after.Error));
        Assert.Equal(3, after.Out.Split('\n').Count(line => line.Contains("spent: a handle is good for one use, and has had it", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task SessionsStats_AfterHandshakes_CountsThemByProfileName()
    {
        await ProbeAsync();

        var run = await cluster.RunAsync("sessions", "stats", "--json");

        using var told = JsonDocument.Parse(run.Out);
        var stateful = told.RootElement.GetProperty("profiles").EnumerateArray().Single(row => row.GetProperty("profile").GetString() == "stateful");
        Assert.True(stateful.GetProperty("count").GetInt64() > 0);
        Assert.False(told.RootElement.GetProperty("cut").GetBoolean());
        Assert.Equal(JsonValueKind.Null, told.RootElement.GetProperty("unnamed").ValueKind);
        Assert.Matches("^[0-9a-f]{8}$", stateful.GetProperty("scope").GetString());

        var table = await cluster.RunAsync("sessions", "stats", "--limit", "1");
        Assert.Equal((ExitCode.Done, ""), (table.ExitCode, table.Error));
        Assert.Contains("the limit of 1 was reached", table.Out, StringComparison.Ordinal);
    }

    // Numbers do not hang on the key service, only names do.
    [Fact]
    public async Task SessionsStats_WithoutAKeyService_CountsUnknownScopes()
    {
        await ProbeAsync();

        var run = await cluster.RunAsync("sessions", "stats", "--key-service", $"127.0.0.1:{FreePort.Next()}");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains("unknown scope ", run.Out, StringComparison.Ordinal);
        Assert.Contains("Profiles are not known by name: key service", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SessionsPurge_OfAProfile_IsAcknowledgedByEveryNodeAndSwept()
    {
        await ProbeAsync();

        var run = await cluster.RunAsync("sessions", "purge", "--profile", "stateful", "--yes", "--json");

        using var told = JsonDocument.Parse(run.Out);
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.True(told.RootElement.GetProperty("complete").GetBoolean());
        Assert.Equal(["edge-1", "edge-2", "edge-3"], told.RootElement.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("name").GetString()));
        await Eventually.TrueAsync(async () => !(await cluster.RunAsync("sessions", "stats")).Out.Contains("stateful", StringComparison.Ordinal), TimeSpan.FromSeconds(60));
        await ProbeAsync(); // what is new resumes
    }

    [Fact]
    public async Task SessionsPurge_OfAll_SaysWhatItDid()
    {
        var run = await cluster.RunAsync("sessions", "purge", "--all", "--yes");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains("Stored sessions of all profiles are purged", run.Out, StringComparison.Ordinal);
        Assert.Contains("on 3 of 3 nodes", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SessionsPurge_OfAProfileThatNobodyServes_IsNo() =>
        (await cluster.RunAsync("sessions", "purge", "--profile", "nobody", "--yes")).AssertFailed(ExitCode.Failed, "no live node serves");

    [Fact]
    public async Task Up_OnPortsThatAreTaken_NamesThePort()
    {
        var taken = cluster.Description.Edges[0].Tls.Split(':')[1];
        using var other = new TemporaryDirectory();
        (await CommandRun.OfAsync("up", "--edges", "1", "--port", taken, "--data", other.Path, "--json")).AssertFailed(ExitCode.CouldNotRun, taken);
    }

    [Fact]
    public async Task Up_OnAFolderThatIsInUse_LeavesTheFirstAlone()
    {
        var free = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        (await CommandRun.OfAsync("up", "--edges", "1", "--port", free, "--data", cluster.Data, "--json")).AssertFailed(ExitCode.CouldNotRun, cluster.Data);
        Assert.True(File.Exists(cluster.ClusterPath));
    }

    // Knows the cluster's authority and no other, and has no certificate.
    private HttpClient Browser() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        SslOptions =
        {
            CertificateChainPolicy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(cluster.Description.Pki.Ca) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    });

    private async Task ProbeAsync() =>
        Assert.Equal(ExitCode.Done, (await cluster.RunAsync("probe", "--mode", "stateful", "--tls", "1.2")).ExitCode);

    // Only one rotation runs at a time, and one that was started goes on by itself.
    private async Task<CommandRun> RotateAsync(params string[] arguments)
    {
        CommandRun? run = null;
        await Eventually.TrueAsync(async () => (run = await cluster.RunAsync(arguments)).ExitCode == ExitCode.Done);
        return run!;
    }
}
