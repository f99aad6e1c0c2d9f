using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Checks;

/// <summary><c>--check</c> by real processes: everything is verified, nothing is started, and all that is wrong is told.</summary>
public sealed class CheckTests(EdgeWorld world)
{
    [Fact]
    public async Task Check_GoodConfiguration_TellsProfilesAndCertificatesAndListensNowhere()
    {
        // These are in use: a start would fail.
        var settings = world.Settings().With("Edge:Management", world.Redis.Address).With("Edge:Listen:0", world.Redis.Address)
            .With("$schema", "../schema/edge.schema.json");

        await using var check = await CheckAsync(settings);

        Assert.True(check.ExitCode == 0, check.Output);
        Assert.Empty(check.ErrorLines);
        Assert.Contains(check.Lines, line => line.EndsWith("edge.json: ok", StringComparison.Ordinal));
        Assert.Contains("profile stateful: stateful.reprise.test", check.Lines);
        Assert.Contains("profile default: any other host", check.Lines);
        Assert.Contains(check.Lines, line => line.StartsWith("  ECDSA certificate, valid until ", StringComparison.Ordinal) && line.EndsWith(" UTC", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_SeveralMistakes_AreALineEach()
    {
        var settings = world.Settings()
            .With("Profile", new JsonObject())
            .With("Edge:Loops", "many")
            .With("Edge:DrainTimeout", "01:00:00")
            .With("Edge:Lisen", "0.0.0.0:1")
            .With("Sessions:LookupBudget", "00:01:00")
            .With("KeyService:Authority", "nowhere.crt")
            .With("Profiles:stateful:Hosts:0", "NO")
            .With("Profiles:stateful:Resumption:TicketsPerHandshake", 99)
            .With("Profiles:stateless:Certificates:0:Key", "pki/edge-1.key")
            .With("Profiles:default:Certificates:0:Chain", "nowhere.crt");

        await using var check = await CheckAsync(settings, new Dictionary<string, string> { ["Edge__Management"] = "9080" });

        Assert.Equal(1, check.ExitCode);
        string[] expected =
        [
            "Profile is not a setting; allowed: ", "Edge:Lisen is not a setting; allowed: ", "Edge:Loops is 'many'; allowed: a whole number",
            "Edge:DrainTimeout is '01:00:00'; allowed: ", "Edge:Management is '9080'; allowed: IP:PORT", "Sessions:LookupBudget is '00:01:00'; allowed: ",
            "KeyService:Authority is '", "Profiles:stateful:Hosts:0 is 'NO'; allowed: ", "Profiles:stateful:Resumption:TicketsPerHandshake is '99'; allowed: 0 to 8",
            "Profiles:stateless", "Profiles:default:Certificates:0:Chain is '",
        ];
        Assert.All(expected, start => Assert.Single(check.ErrorLines, line => line.StartsWith(start, StringComparison.Ordinal)));
        Assert.True(check.ErrorLines.Count == expected.Length + 1, check.Output);
        Assert.EndsWith($"edge.json: {expected.Length} problems", check.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "is not valid JSON")]
    [InlineData(null, "allowed: the path of an existing JSON file")]
    public async Task Check_NoConfigurationAtAll_IsOneLine(string? content, string expected)
    {
        var path = Path.Combine(world.Directory(), "edge.json");
        if (content is not null)
            await File.WriteAllTextAsync(path, content, TestContext.Current.CancellationToken);
        await using var check = await NodeProcess.RunAsync(EdgeWorld.Project, ["--check", "--config", path]);

        Assert.Equal(1, check.ExitCode);
        Assert.Contains(expected, check.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_KeyService_TellsAllThatIsWrong()
    {
        var path = Path.Combine(world.Directory(), "keys-1.json");
        var settings = new JsonObject
        {
            ["KeyService"] = new JsonObject { ["Name"] = "keys-1", ["Authority"] = "pki/ca.crt", ["Certificate"] = "pki/keys-1.crt", ["Key"] = "pki/keys-1.key" },
        };
        await File.WriteAllTextAsync(path, settings.ToJsonString(), TestContext.Current.CancellationToken);
        await using var good = await NodeProcess.RunAsync("Reprise.KeyService", ["--config", path, "--check"]);
        settings.With("KeyService:Grpc", "7001").With("Rotation:Interval", "soon").With("Rotation:DecryptLife", "00:00:00").With("Rotatoin", new JsonObject());
        await File.WriteAllTextAsync(path, settings.ToJsonString(), TestContext.Current.CancellationToken);
        await using var bad = await NodeProcess.RunAsync("Reprise.KeyService", ["--config", path, "--check"]);

        Assert.True((good.ExitCode, good.Lines.Count) == (0, 1), good.Output);
        Assert.Equal(1, bad.ExitCode);
        Assert.All(
            new[] { "Rotatoin is not a setting", "KeyService:Grpc is '7001'", "Rotation:Interval is 'soon'", "Rotation:DecryptLife is '00:00:00'" },
            start => Assert.Single(bad.ErrorLines, line => line.StartsWith(start, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Environment_SettingsOverTheFile_AreInForce()
    {
        var directory = world.Directory();
        await using var edge = await StartAsync(world.Settings("edge-8").With("Edge:Node", "edge-1"), directory, new Dictionary<string, string>
        {
            ["Edge__Node"] = "edge-8",
            ["Profiles__stateless__Hosts__1"] = "by-environment.reprise.test",
            ["Profiles__stateless__Resumption__TicketsPerHandshake"] = "0",
        });

        var visit = await edge.VisitAsync("1.3", "by-environment.reprise.test");

        Assert.Equal(("edge-8", "stateless", 0), (visit.Text("node"), visit.Profile, visit.Client.Tickets));
    }

    private async Task<EdgeNode> StartAsync(JsonObject settings, string directory, Dictionary<string, string> environment)
    {
        var config = Path.Combine(directory, "edge.json");
        await File.WriteAllTextAsync(config, settings.ToJsonString());
        var process = await NodeProcess.StartAsync(EdgeWorld.Project, config, Path.Combine(directory, "edge-8.ready.json"), environment, TimeSpan.FromSeconds(120));
        return new EdgeNode(process, "edge-8", world.CaFile);
    }

    private async Task<NodeProcess> CheckAsync(JsonObject settings, Dictionary<string, string>? environment = null) =>
        await NodeProcess.RunAsync(EdgeWorld.Project, ["--config", world.Write(settings), "--check"], environment);
}
