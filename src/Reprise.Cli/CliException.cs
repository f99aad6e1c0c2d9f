namespace Reprise.Cli;

/// <summary>A failure the user can act on: its message is the one line that is shown.</summary>
internal sealed class CliException(string message, int exitCode = ExitCode.CouldNotRun, Exception? inner = null)
    : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}
