using System.Diagnostics;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>A process of its own: what is loaded once in one stays.</summary>
public sealed class NativeLibraryTests
{
    [Fact]
    public async Task OpenSsl_NotInTheDirectoryNamed_IsOneClearLine()
    {
        using var empty = new TemporaryDirectory();

        var (exitCode, error) = await ProbeAsync(empty.Path);

        Assert.Equal((3, $"OpenSSL 3.0 or later is needed (libssl.so.3); none in REPRISE_OPENSSL_DIR={empty.Path}."), (exitCode, error));
    }

    [Fact]
    public async Task OpenSsl_TheSystems_IsUsable()
    {
        var (exitCode, error) = await ProbeAsync("");

        Assert.Equal((0, ""), (exitCode, error));
    }

    private static async Task<(int ExitCode, string Error)> ProbeAsync(string directory)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, LibraryProbe.Argument) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["REPRISE_OPENSSL_DIR"] = directory;
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error.TrimEnd('\n'));
    }
}
