using System.Runtime.InteropServices;

namespace Reprise.Cli.Up;

/// <summary>Where the executables of the nodes are: beside the CLI, put there by its build (see the project file).</summary>
internal static class NodeProgram
{
    public static string Edge { get; } = Path.Combine(AppContext.BaseDirectory, "nodes", "edge", "Reprise.Edge.dll");

    public static string KeyService { get; } = Path.Combine(AppContext.BaseDirectory, "nodes", "keyservice", "Reprise.KeyService.dll");

    /// <summary>The `dotnet` that runs this process: it has the runtime the nodes need, wherever it is installed.</summary>
    public static string Host { get; } = FindHost();

    private static string FindHost()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        // <root>/shared/Microsoft.NETCore.App/<version>/
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(beside) ? beside : name;
    }
}
