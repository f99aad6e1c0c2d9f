using Reprise.Cli.Cluster;

namespace Reprise.Cli.Demo.Outages;

/// <summary>Asks whoever sits at the terminal. What they do is seen by what it does to clients.</summary>
internal sealed class AskedOutages(ClusterDescription cluster, bool hasListener, TimeSpan patience) : IOutages
{
    public bool Asks => true;

    public TimeSpan Patience => patience;

    public string? WhyNotRedis => WhyNotKeyService;

    public string? WhyNotKeyService => hasListener ? null : "this cluster's parts are not in this command's hand, and there is nobody at a terminal to ask";

    public Task StopRedisAsync(Telling telling, CancellationToken cancellationToken) =>
        Ask(telling, $"Stop Redis ({cluster.Redis ?? "the edges' store"}) now. With containers, in another terminal: docker compose stop redis");

    public Task StartRedisAsync(Telling telling, CancellationToken cancellationToken) =>
        Ask(telling, "Start Redis again now. With containers: docker compose start redis");

    public Task KillKeyServiceAsync(string name, Telling telling, CancellationToken cancellationToken) =>
        Ask(telling, $"Kill the key service {name} now. With containers: docker compose kill {name}");

    public Task StartKeyServiceAsync(string name, Telling telling, CancellationToken cancellationToken) =>
        Ask(telling, $"You may start {name} again. With containers: docker compose start {name}");

    private static Task Ask(Telling telling, string what)
    {
        telling.Line($"> {what}");
        return Task.CompletedTask;
    }
}
