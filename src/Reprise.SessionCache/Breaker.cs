using Polly;

namespace Reprise.SessionCache;

/// <summary>
/// Keeps handshakes from waiting for a store that does not serve. Polly's circuit breaker is the machine of states: closed, open
/// for a time, then half-open with a single probe. It judges by ratio over a time, which one busy minute would keep from opening;
/// so what counts as a failure in a row is judged here:
/// <list type="bullet">
/// <item>a call that was not answered within its budget, whether or not an answer comes later;</item>
/// <item>a call that ended in an exception which <c>reasonOf</c> has a reason for;</item>
/// <item>calls that were under way together count once, so that one hiccup of a busy store is one failure, not fifty;</item>
/// <item>any answered call begins the count anew.</item>
/// </list>
/// While it is open a call costs a comparison: nothing is sent, thrown or allocated.
/// </summary>
internal sealed class Breaker
{
    /// <summary>In a row.</summary>
    public const int FailuresToOpen = 5;

    private readonly TimeProvider _time;
    private readonly Func<Exception, string?> _reasonOf;
    private readonly Action<BreakerState, string> _changed;
    private readonly TimeSpan _breakDuration;
    private readonly ResiliencePipeline<CallEnd> _pipeline;
    private readonly Lock _counting = new();
    private volatile BreakerState _state;
    private long _openSince;
    private int _failures;
    private long _lastFailure;

    /// <param name="breakDuration">From opening to the probe.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="reasonOf">One word for a failure of the store; null for an exception that is none.</param>
    /// <param name="changed">Called once at each change, in order, with the reason of the last failure.</param>
    public Breaker(TimeSpan breakDuration, TimeProvider time, Func<Exception, string?> reasonOf, Action<BreakerState, string> changed)
    {
        _time = time;
        _reasonOf = reasonOf;
        _changed = changed;
        _breakDuration = breakDuration;
        _pipeline = new ResiliencePipelineBuilder<CallEnd> { TimeProvider = new SteadyTime(time) }.AddCircuitBreaker(new()
        {
            ShouldHandle = call => ValueTask.FromResult(Counts(call.Outcome.Result)),
            FailureRatio = 0, // what is handled has been counted to its limit: it opens at once
            MinimumThroughput = 2, // Polly's least, and less than FailuresToOpen
            SamplingDuration = TimeSpan.FromHours(1),
            BreakDurationGenerator = _ => ValueTask.FromResult(breakDuration), // BreakDuration itself is at least 500 ms
            OnOpened = change => Become(BreakerState.Open, change.Outcome.Result.Failure),
            OnHalfOpened = _ => Become(BreakerState.HalfOpen),
            OnClosed = _ => Become(BreakerState.Closed),
        }).Build();
    }

    /// <summary>As of now; open also from the end of a break to the probe, which is the next call.</summary>
    public BreakerState State => _state;

    /// <summary>Whether a call would be refused: then it need not be made.</summary>
    public bool Refuses => _state switch
    {
        BreakerState.Closed => false,
        BreakerState.Open => _time.GetElapsedTime(Volatile.Read(ref _openSince)) < _breakDuration,
        _ => true,
    };

    /// <summary>Makes a call unless it is refused, and comes back when it has ended or its budget is spent.</summary>
    /// <param name="send">Begins the call. What it throws is the task's exception.</param>
    /// <param name="command">Its argument.</param>
    /// <param name="budget">Beyond it the call is a failure.</param>
    /// <returns>The call, ended or under way; null: it was refused.</returns>
    public async ValueTask<Task<T>?> PassAsync<TCommand, T>(Func<TCommand, Task<T>> send, TCommand command, TimeSpan budget)
    {
        var call = new Call<TCommand, T>(this, send, command, budget);
        var context = ResilienceContextPool.Shared.Get();
        try
        {
            await _pipeline.ExecuteOutcomeAsync(static (_, call) => call.MakeAsync(), context, call).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }

        return call.Task;
    }

    private bool Counts(CallEnd end)
    {
        if (end.Failure is null)
        {
            if (Volatile.Read(ref _failures) != 0)
            {
                lock (_counting)
                    _failures = 0;
            }

            return false;
        }

        lock (_counting)
        {
            if (end.Began >= _lastFailure)
            {
                _failures++;
                _lastFailure = _time.GetTimestamp();
            }

            // An answer to an older call may have begun the count anew while open; a probe that fails is a failure all the same.
            return _failures >= FailuresToOpen || _state is not BreakerState.Closed;
        }
    }

    // Polly awaits this before the call that made the change goes on.
    private ValueTask Become(BreakerState state, string? reason = null)
    {
        if (state is BreakerState.Open)
        {
            Volatile.Write(ref _openSince, _time.GetTimestamp());
        }
        else if (state is BreakerState.Closed)
        {
            lock (_counting)
                _failures = 0;
        }

        _state = state;
        _changed(state, reason ?? "");
        return ValueTask.CompletedTask;
    }

    /// <summary>Polly ends a break by the wall clock, which may be set back by an hour; this one only goes on.</summary>
    private sealed class SteadyTime(TimeProvider time) : TimeProvider
    {
        private readonly DateTimeOffset _start = time.GetUtcNow();
        private readonly long _started = time.GetTimestamp();

        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => _start + time.GetElapsedTime(_started);

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            time.CreateTimer(callback, state, dueTime, period);
    }

    /// <param name="Began">Timestamp.</param>
    /// <param name="Failure">Why it is one; null: it is none.</param>
    private readonly record struct CallEnd(long Began, string? Failure);

    private sealed class Call<TCommand, T>(Breaker breaker, Func<TCommand, Task<T>> send, TCommand command, TimeSpan budget)
    {
        public Task<T>? Task { get; private set; }

        public async ValueTask<Outcome<CallEnd>> MakeAsync()
        {
            var began = breaker._time.GetTimestamp();
            Task task = Task = Begin();
            if (!task.IsCompleted)
                await task.WaitAsync(budget, breaker._time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return Outcome.FromResult(new CallEnd(began, FailureOf(task)));
        }

        private Task<T> Begin()
        {
            try
            {
                return send(command);
            }
            catch (Exception fault)
            {
                // A defect too: a probe that did not end would leave the breaker half-open for good. The caller's await brings it up.
                return System.Threading.Tasks.Task.FromException<T>(fault);
            }
        }

        private string? FailureOf(Task task)
        {
            if (!task.IsCompleted)
                return $"no answer within {budget.TotalMilliseconds:0} ms";
            if (task.IsCanceled)
                return "cancelled";
            return task.Exception is { InnerException: { } fault } ? breaker._reasonOf(fault) : null;
        }
    }
}
