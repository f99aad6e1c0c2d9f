using Reprise.Cli.Cluster;

namespace Reprise.Cli.Demo.Outages;

/// <summary>Asks the operator. What they do is seen by what it does to clients and key services.</summary>
/// <param name="cluster">Whose parts they are.</param>
/// <param name="somebodyListens">False: nobody is asked, and it is left out.</param>
/// <param name="patience">How long they may take.</param>
internal sealed class AskedOutages(ClusterDescription cluster, bool somebodyListens, TimeSpan patience) : IOutages
{
    public bool Asks => true;

    public TimeSpan Patience => patience;

    public string? WhyNotRedis => WhyNotKeyService;

    public string? WhyNotKeyService =>
        somebodyListens ? null : "this cluster's parts are not in this command's hand, and there is nobody at a terminal to ask (see --wait)";

    public Task StopRedisAsync(Telling telling, CancellationToken cancellationToken) =>
        Ask(telling, $"Stop Redis ({cluster.Redis ?? "the store of the edges"}) now. With containers: docker compose stop redis");

    public Task StartRedisAsync(Telling telling, CancellationToken cancellationToken) =>
        Ask(telling, "Start Redis again now. With containers: docker compose start redis");

    public Task KillKeyServiceAsync(string name, Telling telling, CancellationToken cancellationToken) =>
        Ask(telling, $"Kill the key service {name} now. With containers: docker compose kill {name}");

    public Task StartKeyServiceAsync(string name, Telling telling, CancellationToken cancellationToken) =>
        Ask(telling, $"Start {name} again when you like. With containers: docker compose start {name}");

    private static Task Ask(Telling telling, string what)
    {
        telling.Ask(what);
        return Task.CompletedTask;
    }
}
