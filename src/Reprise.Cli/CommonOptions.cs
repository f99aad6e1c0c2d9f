using System.CommandLine;

namespace Reprise.Cli;

/// <summary>Options that every command understands.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Print JSON for scripts instead of tables and progress.",
        Recursive = true,
    };
}
