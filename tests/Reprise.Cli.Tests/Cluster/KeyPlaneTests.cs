using Grpc.Core;
using Reprise.Cli.Tests.Scripted;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Cluster;

/// <summary>Any key service answers, and a change is asked for until it is carried out, once.</summary>
public sealed class KeyPlaneTests : IAsyncLifetime
{
    private readonly ScriptedCluster _cluster = new();

    public ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Change_WhileNoneLeads_IsAskedForAgainUnderTheSameKey()
    {
        var calls = 0;
        _cluster.Answer<PurgeSessionsRequest>(_ => Interlocked.Increment(ref calls) <= 3 ? throw ScriptedKeyService.Unavailable : Purged());

        var run = await _cluster.RunAsync("sessions", "purge", "--all", "--yes");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        var key = Assert.Single(_cluster.Asked<PurgeSessionsRequest>().Select(request => request.IdempotencyKey).Distinct());
        Assert.True(Guid.TryParse(key, out _));
        Assert.All(_cluster.Both, service => Assert.Equal(2, service.Asked.Count));
        var line = Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("reprise: waiting up to 15 s: ", line, StringComparison.Ordinal);
        Assert.Contains("no key service leads at the moment", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_OfEachInvocation_HasAKeyOfItsOwn()
    {
        _cluster.Answer<PurgeSessionsRequest>(_ => Purged());

        await _cluster.RunAsync("sessions", "purge", "--all", "--yes");
        await _cluster.RunAsync("sessions", "purge", "--all", "--yes");

        Assert.Equal(2, _cluster.Asked<PurgeSessionsRequest>().Select(request => request.IdempotencyKey).Distinct().Count());
    }

    [Fact]
    public async Task Change_WhereTheFirstIsGone_IsCarriedOutByTheOtherWithoutAWord()
    {
        _cluster.Answer<PurgeSessionsRequest>(_ => Purged());
        _cluster.WriteFile($"127.0.0.1:{FreePort.Next()}", _cluster.Second.Address);

        var run = await _cluster.RunAsync("sessions", "purge", "--all", "--yes");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Single(_cluster.Second.Asked);
    }

    [Fact]
    public async Task Change_ThatIsRefused_IsNotAskedForAgain()
    {
        _cluster.Answer<PurgeSessionsRequest>(_ => throw new RpcException(new Status(StatusCode.NotFound, "no live node serves it")));

        (await _cluster.RunAsync("sessions", "purge", "--profile", "shop", "--yes")).AssertFailed(ExitCode.Failed, "no live node serves it");

        Assert.Single(_cluster.Asked<PurgeSessionsRequest>());
    }

    [Fact]
    public async Task Stream_ThatBreaksOff_IsGoneOnWithByTheOtherUnderTheSameKey()
    {
        _cluster.First.Answer<RotateRequest>(_ => BrokenOff());
        _cluster.Second.Answer<RotateRequest>(_ => Told.Rotation(7));

        var run = await _cluster.RunAsync("keys", "rotate", "--wait");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Single(_cluster.Asked<RotateRequest>().Select(request => request.IdempotencyKey).Distinct());
        // What both told stands once.
        Assert.Single(run.Out.Split('\n'), line => line.StartsWith("Staged epoch 7", StringComparison.Ordinal));
        Assert.Contains("Epoch 7 is active on all nodes", run.Out, StringComparison.Ordinal);

        static IEnumerable<RotateResponse> BrokenOff()
        {
            yield return Told.Rotation(7)[0];
            throw ScriptedKeyService.Unavailable;
        }
    }

    [Fact]
    public async Task Question_ThatTheFirstCannotAnswer_IsPutToTheOther()
    {
        _cluster.First.Answer<NodesRequest>(_ => throw ScriptedKeyService.Unavailable);
        _cluster.Second.Answer<NodesRequest>(_ => new NodesResponse { Service = "keys-2", Generation = 5 });

        var run = await _cluster.RunAsync("nodes", "list");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains("generation 5, by keys-2", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Question_ThatNobodyAnswers_NamesThemAllInOneLine()
    {
        var (one, other) = ($"127.0.0.1:{FreePort.Next()}", $"127.0.0.1:{FreePort.Next()}");
        _cluster.WriteFile(one, other);

        var run = await _cluster.RunAsync("nodes", "list");

        run.AssertFailed(ExitCode.CouldNotRun, one);
        run.AssertFailed(ExitCode.CouldNotRun, other);
    }

    private static PurgeSessionsResponse Purged() => new() { Number = 1, Generation = 2, Acknowledgements = Told.Acknowledgements() };
}
