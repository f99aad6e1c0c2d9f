using System.Xml.Linq;
using Reprise.Testing;

namespace Reprise.Architecture.Tests;

/// <summary>What one csproj says, and the sources beside it.</summary>
internal sealed record SourceProject(string Path, XElement Xml)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>As from the top level: <c>src/Reprise.Core/Reprise.Core.csproj</c>.</summary>
    public string RelativePath => System.IO.Path.GetRelativePath(RepositoryRoot.Path, Path);

    /// <summary>Names of the projects whose code this one can use; a mere build order is none.</summary>
    public IReadOnlyList<string> References => [.. ReferencesIn(Xml)];

    public IReadOnlyList<string> Packages => [.. Xml.Descendants("PackageReference").Select(package => package.Attribute("Include")!.Value)];

    public IEnumerable<string> Sources => SourcesUnder(System.IO.Path.GetDirectoryName(Path)!);

    public static IReadOnlyList<SourceProject> Shipped => Under("src");

    public static IReadOnlyList<SourceProject> Tests => Under("tests");

    public static SourceProject Named(string name) => Shipped.Single(project => project.Name == name);

    /// <summary>The props and targets that every project imports.</summary>
    public static IEnumerable<(string File, XElement Xml)> SharedBuildFiles =>
        new[] { "*.props", "*.targets" }
            .SelectMany(pattern => Directory.GetFiles(RepositoryRoot.Path, pattern)
                .Concat(Directory.GetFiles(RepositoryRoot.File("src"), pattern))
                .Concat(Directory.GetFiles(RepositoryRoot.File("tests"), pattern)))
            .Select(file => (System.IO.Path.GetRelativePath(RepositoryRoot.Path, file), XElement.Load(file)));

    public static IEnumerable<string> ReferencesIn(XElement xml) =>
        from reference in xml.Descendants("ProjectReference")
        let output = reference.Attribute("ReferenceOutputAssembly")?.Value ?? reference.Element("ReferenceOutputAssembly")?.Value
        where !string.Equals(output, "false", StringComparison.OrdinalIgnoreCase)
        select System.IO.Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'));

    private static List<SourceProject> Under(string folder) =>
        [.. Directory.GetDirectories(RepositoryRoot.File(folder))
            .SelectMany(directory => Directory.GetFiles(directory, "*.csproj"))
            .Order(StringComparer.Ordinal)
            .Select(path => new SourceProject(path, XElement.Load(path)))];

    private static IEnumerable<string> SourcesUnder(string directory) =>
        Directory.GetFiles(directory, "*.cs")
            .Concat(Directory.GetDirectories(directory)
                .Where(child => System.IO.Path.GetFileName(child) is not ("bin" or "obj"))
                .SelectMany(SourcesUnder));
}
