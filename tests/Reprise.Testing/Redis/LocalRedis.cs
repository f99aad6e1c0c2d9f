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
        return Start(directory, [.. RedisArguments.Of(port, "127.0.0.1", options), "--loglevel", "warning"]);
    }

    /// <param name="configuration">Lines of a <c>sentinel.conf</c>; the sentinel writes there what it learns.</param>
    public static LocalRedis StartSentinel(string configuration)
    {
        var directory = new TemporaryDirectory();
        return Start(directory, [directory.Write("sentinel.conf", configuration), "--sentinel"]);
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

    // `timeout` is its own end in case this process gets none; it passes signals on.
    private static LocalRedis Start(TemporaryDirectory directory, string[] arguments)
    {
        var start = new ProcessStartInfo("timeout", ["--foreground", "3600", "redis-server", .. arguments,
            "--dir", directory.Path, "--logfile", directory.File("redis.log")]);
        return new LocalRedis(Process.Start(start)!, directory);
    }

    /// <summary>To the server itself, the child, and `timeout` follows it: a STOP or a KILL it could not pass on.</summary>
    private async Task SignalAsync(string signal)
    {
        var children = await File.ReadAllTextAsync($"/proc/{process.Id}/task/{process.Id}/children");
        foreach (var child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            await Signal.SendAsync(int.Parse(child, provider: null), signal);
    }
}
