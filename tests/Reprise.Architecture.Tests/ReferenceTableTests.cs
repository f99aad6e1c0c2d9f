namespace Reprise.Architecture.Tests;

/// <summary>The table of DESIGN §2, and <c>Reprise.Redis</c>: how sessions and key services alike connect to theirs.</summary>
public sealed class ReferenceTableTests
{
    private static readonly string[] Libraries = ["Reprise.Core", "Reprise.Tls", "Reprise.Redis", "Reprise.SessionCache", "Reprise.KeyProtocol"];

    private static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["Reprise.Core"] = [],
        ["Reprise.Tls"] = [],
        ["Reprise.Redis"] = [],
        ["Reprise.SessionCache"] = ["Reprise.Core", "Reprise.Redis"],
        ["Reprise.KeyProtocol"] = ["Reprise.Core"],
        ["Reprise.KeyService"] = ["Reprise.Core", "Reprise.Redis", "Reprise.KeyProtocol"],
        ["Reprise.Edge"] = Libraries,
        ["Reprise.Cli"] = Libraries,
    };

    public static TheoryData<string> Projects => [.. MayReference.Keys];

    [Fact]
    public void Source_Folder_HoldsTheProjectsOfTheTable() =>
        Assert.Equal(MayReference.Keys.Order(StringComparer.Ordinal), SourceProject.Shipped.Select(project => project.Name));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_OfTheTable_ReferencesOnlyWhatItMay(string name) =>
        Assert.Empty(SourceProject.Named(name).References.Except(MayReference[name]));

    [Fact]
    public void SharedBuildFiles_Never_AddAProjectReference() =>
        Assert.All(SourceProject.SharedBuildFiles, file => Assert.Empty(SourceProject.ReferencesIn(file.Xml)));

    [Fact]
    public void TestProject_Always_ReferencesItsSubjectAndTheTestParts()
    {
        // Whole nodes are the subject of these, and no one project.
        string[] ofAllParts = ["Reprise.Soak", "Reprise.Conformance.Tests", "Reprise.Dashboard.Tests", "Reprise.Fuzz"];
        Assert.All(SourceProject.Tests.Where(project => !ofAllParts.Contains(project.Name)), project =>
        {
            var subject = project.Name.EndsWith(".Tests", StringComparison.Ordinal) ? project.Name[..^".Tests".Length] : "";
            Assert.Empty(project.References.Except([subject, "Reprise.Testing"]));
        });
    }

    [Fact]
    public void Solution_Always_HoldsEveryProject()
    {
        var solution = File.ReadAllText(Reprise.Testing.RepositoryRoot.File("Cluster.sln"));
        Assert.All(
            SourceProject.Shipped.Concat(SourceProject.Tests),
            project => Assert.Contains(project.RelativePath.Replace('/', '\\'), solution, StringComparison.Ordinal));
    }

    [Fact]
    public void Namespaces_OfShippedCode_BeginWithTheProject()
    {
        Assert.All(SourceProject.Shipped, project => Assert.All(project.Sources, source =>
        {
            var declared = File.ReadLines(source).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal));
            if (declared is not null)
                Assert.StartsWith($"namespace {project.Name}", declared, StringComparison.Ordinal);
        }));
    }
}
