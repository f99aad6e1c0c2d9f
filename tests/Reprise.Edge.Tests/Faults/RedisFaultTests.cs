using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Faults;

/// <summary>
/// Whatever ails the store, every handshake completes, full or resuming; and once it is well again, sessions cross nodes again. The
/// same two nodes go through all of it one after the other, so none of it leaves anything behind that a restart would be needed for.
/// </summary>
public sealed class RedisFaultTests(StoreToHarm store) : IClassFixture<StoreToHarm>
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);

    [Fact]
    public Task Refused_AllHandshakesComplete_AndResumeAfterwards() => GoThroughAsync(() =>
    {
        store.Relay.Refuse();
        store.Relay.CutAll();
    });

    [Fact]
    public Task BlackHoled_AllHandshakesComplete_AndResumeAfterwards() => GoThroughAsync(() => store.Relay.Stalled = true);

    // Bytes go there and none comes back: what a half-open connection is like.
    [Fact]
    public Task Unanswered_AllHandshakesComplete_AndResumeAfterwards() => GoThroughAsync(() => store.Relay.AnswersStalled = true);

    [Theory]
    [InlineData(5)]
    [InlineData(50)]
    [InlineData(500)]
    public Task FarAway_AllHandshakesComplete_AndResumeAfterwards(int milliseconds) =>
        GoThroughAsync(() => store.Relay.DelayToTarget = TimeSpan.FromMilliseconds(milliseconds));

    [Fact]
    public async Task FarAwayWithinTheBudget_ResumesAllTheSame()
    {
        store.Relay.DelayToTarget = TimeSpan.FromMilliseconds(5);

        await AssertResumesAsync();
    }

    [Fact]
    public Task CutInTheMiddleOfEachLongAnswer_AllHandshakesComplete_AndResumeAfterwards() => GoThroughAsync(() => store.Relay.CutAnswersOver = 150);

    [Fact]
    public Task Paused_AllHandshakesComplete_AndResumeAfterwards() => GoThroughAsync(store.Redis.PauseAsync, store.Redis.ContinueAsync);

    [Fact]
    public Task KilledAndRestartedEmpty_AllHandshakesComplete_AndResumeAfterwards() => GoThroughAsync(store.Redis.KillAsync, store.Redis.RestartAsync);

    [Fact]
    public Task OutOfMemory_AllHandshakesComplete_AndResumeAfterwards() => GoThroughAsync(
        () => ConfigureAsync(("maxmemory-policy", "noeviction"), ("maxmemory", "1")),
        () => ConfigureAsync(("maxmemory", "0")));

    [Fact]
    public Task ReadOnlyReplica_AllHandshakesComplete_AndResumeAfterwards() => GoThroughAsync(
        () => store.Redis.Cli.RunAsync("REPLICAOF", "127.0.0.1", "1"), // of nobody, and it refuses writes
        () => store.Redis.Cli.RunAsync("REPLICAOF", "NO", "ONE"));

    [Fact]
    public Task WrongPassword_AllHandshakesComplete_AndResumeAfterwards() => GoThroughAsync(
        async () =>
        {
            await store.SetUserAsync("resetpass", ">another-password");
            store.Relay.CutAll(); // connections that exist stay logged in
        },
        () => store.SetUserAsync("resetpass", $">{StoreToHarm.UserPassword}"));

    [Fact]
    public Task RoleThatMayNeitherReadNorWrite_AllHandshakesComplete_AndResumeAfterwards() => GoThroughAsync(
        () => store.SetUserAsync("-@read", "-@write"),
        () => store.SetUserAsync("+@read", "+@write"));

    [Fact]
    public Task RoleThatMayNotWrite_AllHandshakesComplete_AndResumeAfterwards() => GoThroughAsync(
        () => store.SetUserAsync("-set", "-getdel"),
        () => store.SetUserAsync("+set", "+getdel"));

    private Task GoThroughAsync(Action harm) => GoThroughAsync(
        () =>
        {
            harm();
            return Task.CompletedTask;
        },
        () => Task.CompletedTask);

    private async Task GoThroughAsync(Func<Task> harm, Func<Task> heal)
    {
        store.Relay.Heal();
        await AssertResumesAsync();
        using var id = await QuickClient.VisitAsync(store.One, "1.2");
        using var handle = await QuickClient.VisitAsync(store.One, "1.3");
        var errors = store.Errors.Count;
        try
        {
            await harm();
            for (var i = 0; i < 5; i++)
            {
                // Whether a session is resumed meanwhile depends on the fault; that the handshake completes does not.
                await Task.WhenAll(
                    VisitAsync(store.One, "1.2"), VisitAsync(store.One, "1.3"),
                    VisitAsync(store.Two, "1.2", id), VisitAsync(store.Two, "1.3", handle),
                    VisitAsync(store.One, "1.2", id), VisitAsync(store.One, "1.3", handle));
            }

            var ticket = store.File();
            await store.One.VisitAsync("1.3", EdgeSettings.Stateless, keep: ticket);
            Assert.Equal("stateless", (await store.Two.VisitAsync("1.3", EdgeSettings.Stateless, offer: ticket)).Mode);
        }
        finally
        {
            await heal();
            store.Relay.Heal();
        }

        await AssertResumesAsync();
        Assert.Equal(errors, store.Errors.Count);
    }

    /// <summary>A handshake that does not complete throws.</summary>
    private static async Task VisitAsync(EdgeNode node, string version, QuickVisit? earlier = null)
    {
        using var visit = await QuickClient.VisitAsync(node, version, earlier?.Session);
    }

    private async Task AssertResumesAsync()
    {
        foreach (var version in (string[])["1.2", "1.3"])
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    using var full = await QuickClient.VisitAsync(store.One, version);
                    if (full.Session is null)
                        return false;
                    using var again = await QuickClient.VisitAsync(store.Two, version, full.Session);
                    return again.Resumed;
                },
                Recovery,
                text: $"TLS {version} resumes across nodes");
        }
    }

    private async Task ConfigureAsync(params (string Name, string Value)[] settings)
    {
        foreach (var (name, value) in settings)
            await store.Redis.Cli.RunAsync("CONFIG", "SET", name, value);
    }
}
