using System.Text.RegularExpressions;
using Reprise.Testing;

namespace Reprise.Architecture.Tests;

/// <summary>The wall to C stands in one folder (STYLE 11).</summary>
public sealed partial class NativeCodeTests
{
    [Fact]
    public void UnsafeBlocks_InShippedProjects_AreAllowedInTlsAlone() =>
        Assert.Equal(
            ["Reprise.Tls"],
            SourceProject.Shipped.Where(project => project.Xml.Descendants("AllowUnsafeBlocks").Any()).Select(project => project.Name));

    [Fact]
    public void UnsafeBlocks_InSharedBuildFiles_AreNotAllowed() =>
        Assert.All(SourceProject.SharedBuildFiles, file => Assert.Empty(file.Xml.Descendants("AllowUnsafeBlocks")));

    [Fact]
    public void NativeImports_InShippedProjects_StandInTheInteropFolder()
    {
        var folder = RepositoryRoot.File("src", "Reprise.Tls", "Interop") + Path.DirectorySeparatorChar;
        Assert.All(
            SourceProject.Shipped.SelectMany(project => project.Sources).Where(source => !source.StartsWith(folder, StringComparison.Ordinal)),
            source => Assert.DoesNotMatch(NativeImport(), File.ReadAllText(source)));
    }

    [GeneratedRegex(@"^\s*\[(?:[\w.]+\.)?(?:LibraryImport|DllImport)(?:Attribute)?\s*\(", RegexOptions.Multiline)]
    private static partial Regex NativeImport();
}
