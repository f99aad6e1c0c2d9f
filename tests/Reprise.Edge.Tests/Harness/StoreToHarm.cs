using Reprise.Testing;

namespace Reprise.Edge.Tests.Harness;

/// <summary>Two nodes with a real Redis of their own behind one relay, and a user of their own in it.</summary>
public sealed class StoreToHarm(EdgeWorld world) : IAsyncLifetime
{
    public const string UserPassword = "the-edges-password";

    private const string Password = "the-admins-password";

    private readonly TemporaryDirectory _files = new();
    private int _file;

    internal RedisServer Redis { get; private set; } = null!;

    internal TcpRelay Relay { get; private set; } = null!;

    internal EdgeNode One { get; private set; } = null!;

    internal EdgeNode Two { get; private set; } = null!;

    internal IReadOnlyList<string> Errors => [.. One.Errors, .. Two.Errors];

    public async ValueTask InitializeAsync()
    {
        Redis = await RedisServer.StartAsync(new RedisOptions
        {
            Kind = world.Redis.Kind is RedisKind.Garnet ? RedisKind.Local : world.Redis.Kind, // Garnet has no such faults
            Password = Password,
            Users = [$"edge on >{UserPassword} ~reprise:* &* +@all"],
        });
        Relay = TcpRelay.Start(Redis.Port);
        var starting = StartAsync("edge-7");
        Two = await StartAsync("edge-8");
        One = await starting;
    }

    public async ValueTask DisposeAsync()
    {
        await One.DisposeAsync();
        await Two.DisposeAsync();
        await Relay.DisposeAsync();
        await Redis.DisposeAsync();
        _files.Dispose();
    }

    internal string File() => _files.File($"session-{Interlocked.Increment(ref _file)}.pem");

    internal Task SetUserAsync(params string[] rules) => Redis.Cli.RunAsync(["ACL", "SETUSER", "edge", .. rules]);

    // Budgets that a store at fault is to overrun; a session that a busy machine makes miss them is tried again.
    private Task<EdgeNode> StartAsync(string node) => world.StartEdgeAsync(
        world.Settings(node, redis: $"{Relay.Address},user=edge,password={UserPassword}")
            .With("Sessions:LookupBudget", "00:00:00.100").With("Sessions:StoreBudget", "00:00:00.100"));
}
