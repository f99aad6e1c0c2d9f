using System.Diagnostics;

namespace Reprise.Testing;

internal sealed class LocalRedis(Process process, TemporaryDirectory directory) : IRedisInstance
{
    public static bool IsPossible()
    {
        try
        {
            using var version = Process.Start(new ProcessStartInfo("redis-server", ["--version"]) { RedirectStandardOutput = true })!;
            version.WaitForExit();
            return version.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    public static LocalRedis Start(int port, RedisOptions options)
    {
        var directory = new TemporaryDirectory();
        // `timeout` is its own end in case this process gets none; it passes signals on.
        var start = new ProcessStartInfo("timeout", ["--foreground", "3600", "redis-server", .. RedisArguments.Of(port, "127.0.0.1", options),
            "--dir", directory.Path, "--loglevel", "warning", "--logfile", directory.File("redis.log")]);
        return new LocalRedis(Process.Start(start)!, directory);
    }

    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await process.WaitForExitAsync();
    }

    public Task PauseAsync() => SignalAsync("STOP");

    public Task ContinueAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await SignalAsync("KILL");
            await process.WaitForExitAsync();
        }

        process.Dispose();
        directory.Dispose();
    }

    /// <summary>To the server itself, the child, and `timeout` follows it: a STOP or a KILL it could not pass on.</summary>
    private async Task SignalAsync(string signal)
    {
        var children = await File.ReadAllTextAsync($"/proc/{process.Id}/task/{process.Id}/children");
        foreach (var child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            await Signal.SendAsync(int.Parse(child, provider: null), signal);
    }
}
