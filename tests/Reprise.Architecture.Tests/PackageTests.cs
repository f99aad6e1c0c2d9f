namespace Reprise.Architecture.Tests;

/// <summary>Which part may know which library: what a project does not reference, it cannot come to depend on.</summary>
public sealed class PackageTests
{
    /// <summary>By the beginning of the package's name.</summary>
    private static readonly Dictionary<string, string[]> OnlyIn = new()
    {
        ["StackExchange.Redis"] = ["Reprise.Redis", "Reprise.SessionCache", "Reprise.KeyService"],
        ["BitFaster.Caching"] = ["Reprise.SessionCache"],
        ["Polly."] = ["Reprise.SessionCache"],
        ["Grpc.AspNetCore"] = ["Reprise.KeyService"],
        ["Grpc.Net.Client"] = ["Reprise.KeyProtocol"],
        ["Yarp."] = ["Reprise.Edge"],
        ["OpenTelemetry"] = ["Reprise.Edge", "Reprise.KeyService", "Reprise.KeyProtocol"],
        ["Microsoft.Garnet"] = ["Reprise.Cli"],
        ["BouncyCastle."] = ["Reprise.Cli", "Reprise.Edge"],
        ["Spectre.Console"] = ["Reprise.Cli"],
        ["System.CommandLine"] = ["Reprise.Cli"],
        ["xunit"] = [],
        ["Testcontainers"] = [],
    };

    public static TheoryData<string> Prefixes => [.. OnlyIn.Keys];

    [Theory]
    [MemberData(nameof(Prefixes))]
    public void Package_WithAHome_IsReferencedOnlyThere(string prefix) =>
        Assert.Empty(SourceProject.Shipped
            .Where(project => project.Packages.Any(package => package.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            .Select(project => project.Name)
            .Except(OnlyIn[prefix]));

    [Fact]
    public void Tls_Always_HasNoPackage() => Assert.Empty(SourceProject.Named("Reprise.Tls").Packages);

    [Fact]
    public void Core_Always_HasOnlyTheRecordFormat() =>
        Assert.Empty(SourceProject.Named("Reprise.Core").Packages.Except(["Google.Protobuf", "Grpc.Tools"]));

    [Fact]
    public void Versions_Always_StandInOnePlace() =>
        Assert.All(
            SourceProject.Shipped.Concat(SourceProject.Tests),
            project => Assert.DoesNotContain(
                project.Xml.Descendants("PackageReference"),
                package => package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null));
}
