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
internal sealed class Breaker : IDisposable
{
    /// <summary>In a row.</summary>
    public const int FailuresToOpen = 5;

    private readonly TimeProvider _time;
    private readonly Func<Exception, string?> _reasonOf;
    private readonly Action<BreakerState, string> _changed;
    private readonly TimeSpan _budget;
    private readonly TimeSpan _breakDuration;
    private readonly ResiliencePipeline<CallEnd> _pipeline;
    private readonly Queue<UnderWay> _underWay = new(); // by their deadlines: all have the same budget
    private readonly ITimer _deadline;
    private readonly Lock _counting = new();
    private volatile BreakerState _state;
    private bool _deadlineSet;
    private long _openSince;
    private int _failures;
    private long _lastFailure;

    /// <param name="budget">A call that takes longer is a failure.</param>
    /// <param name="breakDuration">From opening to the probe.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="reasonOf">One word for a failure of the store; null for an exception that is none.</param>
    /// <param name="changed">Called once at each change, in order, with the reason of the last failure.</param>
    public Breaker(
        TimeSpan budget, TimeSpan breakDuration, TimeProvider time, Func<Exception, string?> reasonOf, Action<BreakerState, string> changed)
    {
        _time = time;
        _reasonOf = reasonOf;
        _changed = changed;
        _budget = budget;
        _breakDuration = breakDuration;
        _deadline = time.CreateTimer(static self => ((Breaker)self!).OnDeadline(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _pipeline = new ResiliencePipelineBuilder<CallEnd> { TimeProvider = new SteadyTime(time) }.AddCircuitBreaker(new()
        {
            ShouldHandle = call => ValueTask.FromResult(call.Outcome.Result.Opens),
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

    /// <summary>
    /// Makes a call unless it is refused, and comes back when it has ended; where the call does. It may have counted as a failure before.
    /// </summary>
    /// <param name="send">Begins the call. What it throws is the task's exception.</param>
    /// <param name="command">Its argument.</param>
    /// <returns>The call, which has ended; null: it was refused.</returns>
    public async ValueTask<Task<T>?> PassAsync<TCommand, T>(Func<TCommand, Task<T>> send, TCommand command)
    {
        if (_state is not BreakerState.Closed)
            return await ProbeAsync(send, command).ConfigureAwait(false);

        // Polly sees failures only: that a call was answered changes nothing it knows, and would cost more than the call.
        var began = _time.GetTimestamp();
        var task = Begin(send, command);
        if (!task.IsCompleted)
        {
            var watch = Watch(began);
            await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            if (!watch.TryEnd())
                return task; // it was late, and has been counted
        }

        var end = Judge(began, FailureOf(task));
        if (end.Failure is not null)
            await ReportAsync(end).ConfigureAwait(false);
        return task;
    }

    public void Dispose() => _deadline.Dispose();

    private async ValueTask<Task<T>?> ProbeAsync<TCommand, T>(Func<TCommand, Task<T>> send, TCommand command)
    {
        var probe = new Probe<TCommand, T>(this, send, command);
        var context = ResilienceContextPool.Shared.Get();
        try
        {
            await _pipeline.ExecuteOutcomeAsync(static (_, probe) => probe.MakeAsync(), context, probe).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }

        if (probe.Task is { IsCompleted: false })
            await ((Task)probe.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return probe.Task;
    }

    private async Task ReportAsync(CallEnd end)
    {
        if (_state is not BreakerState.Closed)
            return; // begun before it opened: not the probe
        var context = ResilienceContextPool.Shared.Get();
        try
        {
            await _pipeline.ExecuteOutcomeAsync(static (_, end) => Outcome.FromResultAsValueTask(end), context, end).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static Task<T> Begin<TCommand, T>(Func<TCommand, Task<T>> send, TCommand command)
    {
        try
        {
            return send(command);
        }
        catch (Exception fault)
        {
            // A defect too: a probe that did not end would leave the breaker half-open for good. The caller's await brings it up.
            return Task.FromException<T>(fault);
        }
    }

    // One timer for all: a call sets none of its own.
    private UnderWay Watch(long began)
    {
        var call = new UnderWay(this, began, SynchronizationContext.Current);
        lock (_underWay)
        {
            _underWay.Enqueue(call);
            if (!_deadlineSet)
                SetDeadline(_budget);
        }

        return call;
    }

    private void SetDeadline(TimeSpan left)
    {
        _deadlineSet = true;
        _deadline.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    private void OnDeadline()
    {
        while (true)
        {
            UnderWay? call;
            lock (_underWay)
            {
                while (_underWay.TryPeek(out call) && call.HasEnded)
                    _underWay.Dequeue();
                if (call is null)
                {
                    _deadlineSet = false;
                    return;
                }

                var left = _budget - _time.GetElapsedTime(call.Began);
                if (left > TimeSpan.Zero)
                {
                    SetDeadline(left);
                    return;
                }

                _underWay.Dequeue();
            }

            CountLate(call);
        }
    }

    // A loop that was late itself is not to be taken for a store that is: its answer may be there, unread. So it has time to read it
    // and to go on with it, which takes up to two turns of two rounds each, before the call counts.
    private void CountLate(UnderWay call)
    {
        if (call.Home is { } home && call.TakeGrace())
        {
            home.Post(static late => ((UnderWay)late!).Breaker.CountLate((UnderWay)late), call);
            return;
        }

        if (call.TryEnd())
            _ = ReportAsync(Judge(call.Began, $"no answer within {_budget.TotalMilliseconds:0} ms"));
    }

    private string? FailureOf(Task task)
    {
        if (task.IsCanceled)
            return "cancelled";
        return task.Exception is { InnerException: { } fault } ? _reasonOf(fault) : null;
    }

    private CallEnd Judge(long began, string? failure) => new(failure, Opens(began, failure));

    private bool Opens(long began, string? failure)
    {
        if (failure is null)
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
            if (began >= _lastFailure)
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

    /// <param name="Failure">Why it is one; null: it is none.</param>
    /// <param name="Opens">Whether it is one too many.</param>
    private readonly record struct CallEnd(string? Failure, bool Opens);

    /// <param name="breaker">That watches it.</param>
    /// <param name="began">Timestamp.</param>
    /// <param name="home">Where its answer comes in; null: anywhere.</param>
    private sealed class UnderWay(Breaker breaker, long began, SynchronizationContext? home)
    {
        private int _grace = 4;
        private int _ended;

        public Breaker Breaker => breaker;

        public long Began => began;

        public SynchronizationContext? Home => home;

        public bool TakeGrace() => _grace-- > 0;

        public bool HasEnded => Volatile.Read(ref _ended) != 0;

        /// <summary>True for the one who is to count it: whoever awaits it, or the deadline.</summary>
        public bool TryEnd() => Interlocked.Exchange(ref _ended, 1) == 0;
    }

    private sealed class Probe<TCommand, T>(Breaker breaker, Func<TCommand, Task<T>> send, TCommand command)
    {
        public Task<T>? Task { get; private set; }

        public async ValueTask<Outcome<CallEnd>> MakeAsync()
        {
            var began = breaker._time.GetTimestamp();
            Task task = Task = Begin(send, command);
            if (!task.IsCompleted)
                await task.WaitAsync(breaker._budget, breaker._time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var failure = task.IsCompleted ? breaker.FailureOf(task) : $"no answer within {breaker._budget.TotalMilliseconds:0} ms";
            return Outcome.FromResult(breaker.Judge(began, failure));
        }
    }
}
