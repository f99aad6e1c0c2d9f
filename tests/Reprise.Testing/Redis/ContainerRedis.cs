using System.Diagnostics;
using DotNet.Testcontainers.Configurations;
using Microsoft.Extensions.Logging.Abstractions;
using Testcontainers.Redis;

namespace Reprise.Testing;

internal sealed class ContainerRedis(RedisContainer container) : IRedisInstance
{
    private const string Image = "redis:7";

    static ContainerRedis() =>
        // The reaper is one more image to pull, and one that closed networks lack. The container ends by itself instead:
        // see Entrypoint.
        TestcontainersSettings.ResourceReaperEnabled = false;

    /// <summary>Docker answers and a container really starts, so the image is there or can be had.</summary>
    public static async Task<bool> IsPossibleAsync()
    {
        if (!File.Exists("/var/run/docker.sock") && Environment.GetEnvironmentVariable("DOCKER_HOST") is not { Length: > 0 })
            return false;
        try
        {
            await using var trial = await StartAsync(FreePort.Next(), new RedisOptions()).WaitAsync(TimeSpan.FromMinutes(2));
            return true;
        }
        catch (Exception e)
        {
            // Whatever keeps Docker from it, the answer is the same; said once, so that nobody wonders which Redis ran.
            await Console.Error.WriteLineAsync($"No Redis container ({e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}); using another Redis.");
            return false;
        }
    }

    /// <summary>Whether an image need not be fetched.</summary>
    public static async Task<bool> HasImageAsync(string image)
    {
        try
        {
            using var inspect = Process.Start(new ProcessStartInfo("docker", ["image", "inspect", image]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            await Task.WhenAll(inspect.StandardOutput.ReadToEndAsync(), inspect.StandardError.ReadToEndAsync());
            await inspect.WaitForExitAsync();
            return inspect.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    public static async Task<IRedisInstance> StartAsync(int port, RedisOptions options)
    {
        var container = new RedisBuilder(options.Image ?? Image)
            .WithPortBinding(port, 6379)
            .WithEntrypoint("timeout", "3600", "redis-server")
            .WithCommand([.. RedisArguments.Of(6379, "0.0.0.0", options), "--protected-mode", "no"])
            .WithWaitStrategy(DotNet.Testcontainers.Builders.Wait.ForUnixContainer())
            .WithTmpfsMount("/data") // or the image's own VOLUME would leave one behind
            .WithLogger(NullLogger.Instance)
            .WithAutoRemove(true)
            .WithCleanUp(false)
            .Build();
        try
        {
            await container.StartAsync();
            return new ContainerRedis(container);
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    public Task StopAsync() => container.StopAsync();

    public Task PauseAsync() => container.PauseAsync();

    public Task ContinueAsync() => container.UnpauseAsync();

    public ValueTask DisposeAsync() => container.DisposeAsync();
}
