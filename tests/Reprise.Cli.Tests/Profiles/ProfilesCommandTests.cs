using System.Text.Json;
using Reprise.Cli.Tests.Scripted;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Tests.Profiles;

public sealed class ProfilesCommandTests(ScriptedCluster cluster) : IClassFixture<ScriptedCluster>
{
    private static readonly DateTimeOffset Set = new(2026, 11, 24, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task List_OfASwitchedProfile_SaysByWhomAndWhereItIsInForce()
    {
        AnswerList();

        var run = await cluster.RunAsync("profiles", "list");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        var shop = run.Out.Split('\n').Where(line => line.Contains("shop", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, shop.Count);
        Assert.Matches(@"shop +on +off +edge-1 +stateless off at 2026-11-24 10:00:00Z +admin/anna", shop[0]);
        Assert.Matches(@"shop +on +on +edge-2 \(not live\)", shop[1]);
        Assert.Matches(@"blog +off +on +edge-1 *$", Assert.Single(run.Out.Split('\n'), line => line.Contains("blog", StringComparison.Ordinal)).TrimEnd());
        Assert.DoesNotContain("edge-3", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_AsJson_HasEachNode()
    {
        AnswerList();

        using var told = JsonDocument.Parse((await cluster.RunAsync("profiles", "list", "--json")).Out);

        var shop = told.RootElement.GetProperty("profiles").EnumerateArray().Single(profile => profile.GetProperty("name").GetString() == "shop");
        Assert.Equal([false, true], shop.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("stateless").GetBoolean()));
        var switched = shop.GetProperty("switched");
        Assert.Equal(("admin/anna", false, JsonValueKind.Null), (switched.GetProperty("by").GetString(), switched.GetProperty("stateless").GetBoolean(), switched.GetProperty("stateful").ValueKind));
    }

    // All else is as good without.
    [Fact]
    public async Task List_WithoutTheAudit_LeavesOutWhoItWas()
    {
        AnswerList();
        cluster.Answer<AuditRequest>(_ => throw ScriptedKeyService.Unavailable);

        var run = await cluster.RunAsync("profiles", "list");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains("stateless off at", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("anna", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Set_OfOneSwitch_LeavesTheOtherAsItIs()
    {
        cluster.Answer<SetResumptionRequest>(_ => new SetResumptionResponse { Generation = 9, Switch = new() { Profile = "shop", Stateless = false, Number = 3 }, Acknowledgements = Told.Acknowledgements() });

        var run = await cluster.RunAsync("profiles", "set", "shop", "--stateless", "off");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains("Profile shop: stateless off (generation 9) on 2 of 2 nodes, after 4.5 ms.", run.Out, StringComparison.Ordinal);
        var asked = cluster.Asked<SetResumptionRequest>().Last();
        Assert.Equal(("shop", false, true, false), (asked.Profile, asked.HasStateful, asked.HasStateless, asked.Stateless));
        Assert.True(Guid.TryParse(asked.IdempotencyKey, out _));
    }

    [Fact]
    public async Task Set_WithALaggard_NamesItWithExit1()
    {
        cluster.Answer<SetResumptionRequest>(request => new SetResumptionResponse { Generation = 9, Acknowledgements = Told.Acknowledgements(laggard: true) });

        var run = await cluster.RunAsync("profiles", "set", "shop", "--stateful", "on", "--stateless", "off", "--json");

        Assert.Equal((ExitCode.Failed, "reprise: switched, but not acknowledged by edge-2\n"), (run.ExitCode, run.Error));
        using var told = JsonDocument.Parse(run.Out);
        Assert.False(told.RootElement.GetProperty("complete").GetBoolean());
    }

    private void AnswerList()
    {
        cluster.Answer<ListRequest>(_ => new ListResponse
        {
            Service = "keys-1",
            Generation = 12,
            Switches = { new ResumptionSwitch { Profile = "shop", Stateless = false, Number = Set.ToUnixTimeMilliseconds() } },
        });
        cluster.Answer<NodesRequest>(_ => new NodesResponse
        {
            Nodes =
            {
                new NodeMetadata { Name = "edge-1", Live = true, Profiles = { Served("shop", true, false), Served("blog", false, true) } },
                new NodeMetadata { Name = "edge-2", Profiles = { Served("shop", true, true) } },
                new NodeMetadata { Name = "edge-3", Removed = true, Profiles = { Served("shop", true, true) } },
            },
        });
        cluster.Answer<AuditRequest>(_ => new AuditEntry[]
        {
            new() { Sequence = 1, Action = "set_resumption", Target = "shop", Actor = "admin/otto", Result = "ok" },
            new() { Sequence = 2, Action = "set_resumption", Target = "shop", Actor = "admin/anna", Result = "laggards" },
            new() { Sequence = 3, Action = "set_resumption", Target = "shop", Actor = "edge/edge-1", Result = "refused" },
        });
    }

    private static ServedProfile Served(string name, bool stateful, bool stateless) => new() { Name = name, Stateful = stateful, Stateless = stateless };
}
