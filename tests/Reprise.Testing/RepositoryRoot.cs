namespace Reprise.Testing;

/// <summary>Where the sources, and beside them what was built from them, lie.</summary>
public static class RepositoryRoot
{
    /// <summary>Absolute; found upwards from the running test.</summary>
    public static string Path { get; } = Find();

    /// <summary>The configuration that the running test was built in, so that it starts programs built in the same.</summary>
    public static string Configuration { get; } =
        new DirectoryInfo(AppContext.BaseDirectory).Parent?.Name ?? "Release";

    public static string File(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (System.IO.File.Exists(System.IO.Path.Combine(directory.FullName, "Cluster.sln")))
                return directory.FullName;
        }

        throw new InvalidOperationException($"No Cluster.sln above {AppContext.BaseDirectory}.");
    }
}
