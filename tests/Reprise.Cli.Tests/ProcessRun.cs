using System.Diagnostics;

namespace Reprise.Cli.Tests;

/// <summary>A program run to its end, with both its streams.</summary>
internal sealed record ProcessRun(int ExitCode, string Output)
{
    public static async Task<ProcessRun> OfAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output + await error);
    }
}
