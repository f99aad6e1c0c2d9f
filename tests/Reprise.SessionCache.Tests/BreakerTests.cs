using Microsoft.Extensions.Time.Testing;
using Reprise.Testing;

namespace Reprise.SessionCache.Tests;

/// <summary>The rules of the breaker, on a clock of the test's own.</summary>
public sealed class BreakerTests : IDisposable
{
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly List<(BreakerState State, string Reason)> _changes = [];
    private readonly Breaker _breaker;
    private int _sent;

    public BreakerTests() => _breaker = new Breaker(Budget, Break, _time, fault => fault is InvalidDataException ? fault.Message : null, (state, reason) => _changes.Add((state, reason)));

    public void Dispose() => _breaker.Dispose();

    [Fact]
    public async Task Pass_FailuresInARow_OpensIt()
    {
        for (var i = 1; i < Breaker.FailuresToOpen; i++)
        {
            await FailAsync();
            Assert.Equal(BreakerState.Closed, _breaker.State);
        }

        await FailAsync("READONLY");

        Assert.Equal(BreakerState.Open, _breaker.State);
        Assert.True(_breaker.Refuses);
        Assert.Equal([(BreakerState.Open, "READONLY")], _changes);
    }

    [Fact]
    public async Task Pass_AnsweredBetweenFailures_CountsAnew()
    {
        for (var i = 0; i < 3; i++)
        {
            await FailAsync(times: Breaker.FailuresToOpen - 1);
            await AnswerAsync();
        }

        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    [Fact]
    public async Task Pass_FailuresAfterAMillionAnswers_OpensItAllTheSame()
    {
        for (var i = 0; i < 10_000; i++)
            await AnswerAsync();
        await FailAsync(times: Breaker.FailuresToOpen);

        Assert.Equal(BreakerState.Open, _breaker.State);
    }

    [Fact]
    public async Task Pass_FailuresWithMinutesBetween_OpensIt()
    {
        for (var i = 0; i <= Breaker.FailuresToOpen; i++)
        {
            await FailAsync();
            _time.Advance(TimeSpan.FromMinutes(5));
        }

        Assert.Equal(BreakerState.Open, _breaker.State);
    }

    [Fact]
    public async Task Pass_SlowCalls_OpenItWithTheirAnswersStillToCome()
    {
        var answers = new List<TaskCompletionSource<int>>();
        var passes = new List<Task<Task<int>?>>();
        for (var i = 0; i < Breaker.FailuresToOpen; i++)
        {
            var answer = new TaskCompletionSource<int>();
            answers.Add(answer);
            passes.Add(SendAsync(answer.Task));
            Assert.False(passes[i].IsCompleted);
            _time.Advance(Budget);
        }

        await Eventually.TrueAsync(() => _breaker.State is BreakerState.Open);
        Assert.Equal([(BreakerState.Open, "no answer within 20 ms")], _changes);
        answers.ForEach(answer => answer.SetResult(1)); // late: it stays open
        Assert.Equal(answers.Select(answer => answer.Task), await Task.WhenAll(passes));
        Assert.Equal(BreakerState.Open, _breaker.State);
    }

    [Fact]
    public async Task Pass_ManyUnderWayInOneHiccup_IsOneFailure()
    {
        await FailAsync(times: Breaker.FailuresToOpen - 2);
        for (var i = 0; i < 50; i++)
            _ = SendAsync(new TaskCompletionSource<int>().Task);
        _time.Advance(Budget);
        Assert.Equal(BreakerState.Closed, _breaker.State);

        await FailAsync(); // so the fifty were one
        Assert.Equal(BreakerState.Open, _breaker.State);
    }

    [Fact]
    public async Task Pass_ManyUnderWayHiccupAfterHiccup_OpensIt()
    {
        for (var i = 0; i < Breaker.FailuresToOpen; i++)
        {
            for (var call = 0; call < 50; call++)
                _ = SendAsync(new TaskCompletionSource<int>().Task);
            _time.Advance(Budget);
        }

        await Eventually.TrueAsync(() => _breaker.State is BreakerState.Open);
    }

    [Fact]
    public async Task Pass_WhileOpen_SendsNothing()
    {
        await FailAsync(times: Breaker.FailuresToOpen);
        var sent = _sent;

        _time.Advance(Break - TimeSpan.FromMilliseconds(1));

        Assert.True(_breaker.Refuses);
        Assert.Null(await SendAsync(Task.FromResult(1)));
        Assert.Equal(sent, _sent);
    }

    [Fact]
    public async Task Refuses_WhileOpen_AllocatesNothing()
    {
        await FailAsync(times: Breaker.FailuresToOpen);
        Assert.True(_breaker.Refuses);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = 0;
        for (var i = 0; i < 1000; i++)
            refused += _breaker.Refuses ? 1 : 0;

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1000, refused);
    }

    [Fact]
    public async Task Pass_BreakOver_SendsOneProbeOfMany()
    {
        await FailAsync(times: Breaker.FailuresToOpen);
        _time.Advance(Break);
        var sent = _sent;
        var answer = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);

        var passes = Enumerable.Range(0, 50).Select(_ => Task.Run(() => SendAsync(answer.Task))).ToList();
        await Eventually.TrueAsync(() => passes.Count(pass => pass.IsCompleted) == 49);

        Assert.Equal(sent + 1, _sent);
        Assert.Equal(BreakerState.HalfOpen, _breaker.State);
        Assert.True(_breaker.Refuses);
        answer.SetResult(1);
        var calls = await Task.WhenAll(passes);
        Assert.Equal(1, calls.Count(call => call is not null));
        Assert.Equal(BreakerState.Closed, _breaker.State);
        Assert.Equal([BreakerState.Open, BreakerState.HalfOpen, BreakerState.Closed], _changes.Select(change => change.State));
    }

    [Fact]
    public async Task Pass_ProbeFails_OpensItForAnotherBreak()
    {
        await FailAsync(times: Breaker.FailuresToOpen);
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(Break);
            Assert.False(_breaker.Refuses);
            await FailAsync();
            Assert.Equal(BreakerState.Open, _breaker.State);
            Assert.True(_breaker.Refuses);
        }
    }

    [Fact]
    public async Task Pass_ProbeFailsAfterALateAnswerToAnOlderCall_OpensItAllTheSame()
    {
        var older = new TaskCompletionSource<int>();
        var pass = SendAsync(older.Task);
        await FailAsync(times: Breaker.FailuresToOpen);
        older.SetResult(1);
        await pass;
        Assert.Equal(BreakerState.Open, _breaker.State);

        _time.Advance(Break);
        await FailAsync();

        Assert.Equal(BreakerState.Open, _breaker.State);
    }

    [Fact]
    public async Task Pass_SlowProbe_OpensItAgain()
    {
        await FailAsync(times: Breaker.FailuresToOpen);
        _time.Advance(Break);

        _ = SendAsync(new TaskCompletionSource<int>().Task);
        await Eventually.TrueAsync(() => _breaker.State is BreakerState.HalfOpen); // it begins on another thread
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(Budget);
            return _breaker.State is BreakerState.Open;
        });
    }

    [Fact]
    public async Task Pass_ClosedAgain_CountsFromTheBeginning()
    {
        await FailAsync(times: Breaker.FailuresToOpen);
        _time.Advance(Break);
        await AnswerAsync();

        await FailAsync(times: Breaker.FailuresToOpen - 1);

        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    [Fact]
    public async Task Pass_SendThatThrowsTheStoresFailure_IsTheCallsFailure()
    {
        var call = await _breaker.PassAsync<int, int>(_ => throw new InvalidDataException("OOM"), 0);

        Assert.Equal("OOM", (await Assert.ThrowsAsync<InvalidDataException>(() => call!)).Message);
    }

    [Fact]
    public async Task Pass_ExceptionThatIsNoFailureOfTheStore_DoesNotCount()
    {
        for (var i = 0; i < 2 * Breaker.FailuresToOpen; i++)
            await SendAsync(Task.FromException<int>(new NotSupportedException()));

        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    private async Task FailAsync(string reason = "OOM", int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            _time.Advance(TimeSpan.FromTicks(1)); // not under way together
            await SendAsync(Task.FromException<int>(new InvalidDataException(reason)));
        }
    }

    private async Task AnswerAsync() => Assert.Equal(1, await (await SendAsync(Task.FromResult(1)))!);

    private Task<Task<int>?> SendAsync(Task<int> answer) => _breaker.PassAsync(
        answer =>
        {
            Interlocked.Increment(ref _sent);
            return answer;
        },
        answer).AsTask();
}
