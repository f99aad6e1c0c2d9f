using Reprise.Cli.Up;

namespace Reprise.Cli.Demo.Outages;

/// <summary>Of the processes that <c>up</c> has started.</summary>
internal sealed class LocalOutages(LocalCluster cluster) : IOutages
{
    public bool Asks => false;

    public TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    public string? WhyNotRedis => cluster.EmbedsRedis ? null : "Redis is not of this command's own making (--redis)";

    public string? WhyNotKeyService => null;

    public Task StopRedisAsync(Telling telling, CancellationToken cancellationToken)
    {
        cluster.StopRedis();
        telling.Line($"stopped Redis at {cluster.Description.Redis}; what it held is gone");
        return Task.CompletedTask;
    }

    public Task StartRedisAsync(Telling telling, CancellationToken cancellationToken)
    {
        cluster.StartRedis();
        telling.Line($"started Redis again at {cluster.Description.Redis}, empty");
        return Task.CompletedTask;
    }

    public async Task KillKeyServiceAsync(string name, Telling telling, CancellationToken cancellationToken)
    {
        var pid = await cluster.KillKeyServiceAsync(name);
        telling.Line($"killed {name} (pid {pid}), which led");
    }

    public async Task StartKeyServiceAsync(string name, Telling telling, CancellationToken cancellationToken)
    {
        var pid = await cluster.StartKeyServiceAsync(name, cancellationToken);
        telling.Line($"started {name} again (pid {pid})");
    }
}
