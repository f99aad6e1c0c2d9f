using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Reprise.Cli.Up;

/// <summary>Asks processes to stop. .NET can kill, but has no call for SIGTERM; every shell has one built in.</summary>
internal static class TerminationSignal
{
    public static async Task SendAsync(IEnumerable<int> pids)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", "kill -TERM \"$@\"", "sh" },
            RedirectStandardError = true,
        };
        foreach (var pid in pids)
            start.ArgumentList.Add(pid.ToString(CultureInfo.InvariantCulture));
        try
        {
            using var shell = Process.Start(start)!;
            await shell.StandardError.ReadToEndAsync(); // "no such process": it ended by itself
            await shell.WaitForExitAsync();
        }
        catch (Win32Exception)
        {
            // No shell: the caller's deadline passes and it kills instead.
        }
    }
}
