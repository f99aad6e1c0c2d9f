using Reprise.KeyService.Hosting;
using Reprise.Testing;
using Reprise.Testing.Configuration;

namespace Reprise.KeyService.Tests;

/// <summary>The published schema is that of the code, and knows the file of ours as right.</summary>
public sealed class SchemaTests
{
    private static readonly string s_current = SettingsSchema.Create("Configuration of Reprise.KeyService", ConfigurationFile.Sections);
    private static readonly PublishedSchema s_schema = new("keyservice", s_current);

    [Fact]
    public void Published_Schema_IsThatOfTheOptions() =>
        Assert.True(s_schema.Text == s_current, "deploy/schema/keyservice.schema.json is old: run this test once with REPRISE_WRITE_SCHEMAS=1");

    [Fact]
    public void Validate_ConfigurationOfOurs_IsRight() => Assert.Empty(s_schema.Validate(File.ReadAllText(RepositoryRoot.File("deploy", "compose", "keyservice.json"))));

    [Theory]
    [InlineData("""{ "KeyService": { "Nmae": "keys-1" } }""")]
    [InlineData("""{ "Rotation": { "Interval": "soon" } }""")]
    [InlineData("""{ "Rotatoin": { } }""")]
    public void Validate_MistakeThatAKeyServiceRefuses_IsFound(string json) => Assert.NotEmpty(s_schema.Validate(json));
}
