using System.Diagnostics;

namespace Reprise.Testing;

public static class Signal
{
    /// <summary>By the shell's own <c>kill</c>, which is there even where the command is not.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="name">Without SIG: <c>TERM</c>, <c>HUP</c>, …</param>
    public static async Task SendAsync(int process, string name)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -s {name} {process} 2>/dev/null"]);
        await kill.WaitForExitAsync();
    }
}
