using System.Diagnostics;
using Reprise.Cli.Terminal;

namespace Reprise.Cli.Probe.Trace;

/// <summary>The caller's own command between two connections. What it prints goes to stderr: stdout has the trace.</summary>
internal static class ShellStep
{
    /// <exception cref="CliException">It could not be started, or ended in failure.</exception>
    public static async Task RunAsync(string command, Screen screen, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new CliException($"--between '{command}' did not start");
        var error = TextWriter.Synchronized(screen.Error);
        var output = Task.WhenAll(CopyAsync(process.StandardOutput, error), CopyAsync(process.StandardError, error));
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        await output;
        if (process.ExitCode != 0)
            throw new CliException($"--between '{command}' ended with {process.ExitCode}");
    }

    private static async Task CopyAsync(StreamReader from, TextWriter to)
    {
        while (await from.ReadLineAsync() is { } line)
            await to.WriteLineAsync(line);
    }
}
