using System.Text.Json.Nodes;
using Reprise.Edge.Hosting;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;
using Reprise.Testing.Configuration;

namespace Reprise.Edge.Tests.Checks;

/// <summary>The published schema is that of the code, knows all files of ours as right, and wrong ones as wrong.</summary>
public sealed class SchemaTests(EdgeWorld world)
{
    private static readonly string s_current = SettingsSchema.Create("Configuration of Reprise.Edge", ConfigurationFile.Sections);
    private static readonly PublishedSchema s_schema = new("edge", s_current);

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(RepositoryRoot.File("deploy"), "edge*.json", SearchOption.AllDirectories)
        .Where(file => !file.EndsWith(".schema.json", StringComparison.Ordinal)).Select(file => Path.GetRelativePath(RepositoryRoot.File("deploy"), file))];

    [Fact]
    public void Published_Schema_IsThatOfTheOptions() =>
        Assert.True(s_schema.Text == s_current, "deploy/schema/edge.schema.json is old: run this test once with REPRISE_WRITE_SCHEMAS=1");

    [Theory]
    [MemberData(nameof(Files))]
    public void Validate_ConfigurationOfOurs_IsRight(string file) => Assert.Empty(s_schema.Validate(File.ReadAllText(RepositoryRoot.File("deploy", file))));

    [Theory]
    [InlineData("Edge:Lisen", "[]", "/Edge")]
    [InlineData("Profile", "{}", "")]
    [InlineData("Edge:Loops", "1000", "/Edge/Loops")]
    [InlineData("Edge:Loops", "\"many\"", "/Edge/Loops")]
    [InlineData("Edge:DrainTimeout", "\"soon\"", "/Edge/DrainTimeout")]
    [InlineData("Edge:Diagnostics", "\"perhaps\"", "/Edge/Diagnostics")]
    [InlineData("Telemetry:TracesSampleRatio", "2", "/Telemetry/TracesSampleRatio")]
    [InlineData("Telemetry:Protocol", "\"Zipkin\"", "/Telemetry/Protocol")]
    [InlineData("Sessions:NearCacheEntries", "-1", "/Sessions/NearCacheEntries")]
    [InlineData("Profiles:stateful:Hosts:0", "\"Shop.Example\"", "/Profiles/stateful/Hosts/0")]
    [InlineData("Profiles:stateful:Hosts:0", "\"*.*.example\"", "/Profiles/stateful/Hosts/0")]
    [InlineData("Profiles:stateful:Resumption:TicketsPerHandshake", "9", "/Profiles/stateful/Resumption/TicketsPerHandshake")]
    [InlineData("Profiles:stateful:Resumption:Tls13", "\"Both\"", "/Profiles/stateful/Resumption/Tls13")]
    [InlineData("Profiles:stateful:ClientAuth:Mode", "\"Require\"", "/Profiles/stateful/ClientAuth/Mode")]
    [InlineData("Profiles:stateful:Tls", "{ \"MinimumVersion\": \"1.1\" }", "/Profiles/stateful/Tls/MinimumVersion")]
    public void Validate_MistakeThatANodeRefuses_IsFound(string key, string value, string where)
    {
        Assert.Empty(s_schema.Validate(world.Settings().ToJsonString()));
        Assert.Contains(s_schema.Validate(world.Settings().With(key, JsonNode.Parse(value)).ToJsonString()), error => error.StartsWith($"{where}", StringComparison.Ordinal));
    }
}
