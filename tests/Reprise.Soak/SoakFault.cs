namespace Reprise.Soak;

/// <summary>Something that ails the store for a while; the relay's part in it ends by the relay's own healing.</summary>
/// <param name="Name">What is done.</param>
/// <param name="Harm">Begins it.</param>
/// <param name="Heal">Ends what the relay does not.</param>
internal sealed record SoakFault(string Name, Func<Task> Harm, Func<Task> Heal)
{
    /// <summary>The gravest first: a short run does not come to the end of the list.</summary>
    public static IReadOnlyList<SoakFault> All(SoakCluster cluster)
    {
        var (redis, relay) = (cluster.Redis, cluster.Relay);
        return
        [
            new("stopped (SIGSTOP)", redis.PauseAsync, redis.ContinueAsync),
            new("killed, back empty", redis.KillAsync, redis.RestartAsync),
            OfRelay("black-holed", () => relay.Stalled = true),
            new("out of memory", () => LimitAsync("noeviction", "1"), () => LimitAsync("allkeys-lru", "256mb")),
            new("wrong role", () => cluster.SetUserAsync("-@read", "-@write"), () => cluster.SetUserAsync("+@read", "+@write")),
            OfRelay("5 ms away", () => Delay(5)),
            OfRelay("500 ms away", () => Delay(500)),
            OfRelay("refused", () =>
            {
                relay.Refuse();
                relay.CutAll();
            }),
            OfRelay("answers cut", () => relay.CutAnswersOver = 150),
            OfRelay("50 ms away", () => Delay(50)),
            new("read-only replica", () => redis.Cli.RunAsync("REPLICAOF", "127.0.0.1", "1"), () => redis.Cli.RunAsync("REPLICAOF", "NO", "ONE")),
            new("wrong password", WrongPasswordAsync, () => cluster.SetUserAsync("resetpass", $">{SoakCluster.UserPassword}")),
        ];

        void Delay(int milliseconds) => relay.DelayToTarget = TimeSpan.FromMilliseconds(milliseconds);

        async Task LimitAsync(string policy, string memory)
        {
            await redis.Cli.RunAsync("CONFIG", "SET", "maxmemory-policy", policy);
            await redis.Cli.RunAsync("CONFIG", "SET", "maxmemory", memory);
        }

        async Task WrongPasswordAsync()
        {
            await cluster.SetUserAsync("resetpass", ">another-password");
            relay.CutAll(); // connections that exist stay logged in
        }
    }

    private static SoakFault OfRelay(string name, Action harm) => new(
        name,
        () =>
        {
            harm();
            return Task.CompletedTask;
        },
        () => Task.CompletedTask);
}
