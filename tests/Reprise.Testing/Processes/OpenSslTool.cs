using System.Diagnostics;

namespace Reprise.Testing;

/// <summary>The <c>openssl</c> command for whatever it makes of files.</summary>
public static class OpenSslTool
{
    /// <exception cref="InvalidOperationException">It failed; says what it said.</exception>
    public static async Task RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Eventually.DefaultTimeout);
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"openssl {string.Join(' ', arguments)}: {await error}{await output}");
    }
}
