using System.ComponentModel;
using System.Diagnostics;

namespace Reprise.Testing;

/// <summary>Prometheus' own judge of metrics, rules and expressions (Debian's package prometheus).</summary>
public static class Promtool
{
    public static bool IsInstalled { get; } = File.Exists("/usr/bin/promtool");

    /// <returns>The exit code, and what it said on both streams.</returns>
    /// <exception cref="Win32Exception">It is not installed.</exception>
    public static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, string input = "")
    {
        using var process = Process.Start(new ProcessStartInfo("promtool", arguments) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await error + await output);
    }
}
