using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>
/// One thread with one epoll. A connection lives on one loop, every OpenSSL call on it happens there, so nothing is locked.
/// Other threads hand work in through <see cref="Schedule"/>; pipes of connections use it as their scheduler.
/// </summary>
internal sealed unsafe partial class EventLoop : PipeScheduler, IDisposable
{
    private const int EventsPerWait = 256;
    private const int SweepInterval = 500;
    private const int WakeSlot = -1;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture is Architecture.X64 ? 12 : 16;
    private static readonly int EventDataOffset = EventSize - sizeof(ulong);

    private readonly ILogger _logger;
    private readonly int _epoll;
    private readonly int _wake;
    private readonly Thread _thread;
    private readonly ConcurrentQueue<(Action<object?> Action, object? State)> _posted = new();
    private readonly PriorityQueue<(Action<object?, int> Action, object? State, int Token), long> _timers = new();
    private readonly Stack<int> _freeSlots = new();
    private List<(Action<object?> Action, object? State)> _ending = [];
    private List<(Action<object?> Action, object? State)> _ended = [];
    private LoopHandler?[] _slots = new LoopHandler?[64];
    private uint[] _generations = new uint[64];
    private int _usedSlots;
    private int _waiting; // 1 while the thread is, or is about to be, inside epoll_wait
    private volatile bool _stopped;

    public EventLoop(string name, ILogger logger)
    {
        _logger = logger;
        _epoll = Check(LibC.epoll_create1(LibC.EPOLL_CLOEXEC), "epoll_create1");
        _wake = Check(LibC.eventfd(0, LibC.EFD_CLOEXEC | LibC.EFD_NONBLOCK), "eventfd");
        Watch(_wake, LibC.EPOLLIN | LibC.EPOLLET, unchecked((uint)WakeSlot));
        Scratch = (byte*)NativeMemory.Alloc(ScratchSize);
        Context = new LoopContext(this);
        Io = new LoopIo(Context);
        TurnEnd = new TurnEndScheduler(this);
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Size of <see cref="Scratch"/>: four TLS records.</summary>
    public const int ScratchSize = 4 * MaxRecord;

    /// <summary>Plaintext bytes in a TLS record at most.</summary>
    public const int MaxRecord = 16 * 1024;

    /// <summary>For the use of whatever runs on the loop just now.</summary>
    public byte* Scratch { get; }

    /// <summary>How OpenSSL reads and writes on this loop.</summary>
    public LoopIo Io { get; }

    /// <summary>
    /// Brings what awaits something back to the loop, rather than to a thread of the pool. To be the current one only where such an await
    /// begins: were it so always, what completes on the loop would not go on there at once.
    /// </summary>
    public SynchronizationContext Context { get; }

    /// <summary>Runs actions when the loop has done everything else and is about to wait: what they send is that of all the turn.</summary>
    public PipeScheduler TurnEnd { get; }

    /// <summary>Milliseconds on a steady clock, read once per turn of the loop.</summary>
    public long Now { get; private set; } = Environment.TickCount64;

    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Runs the action on the loop, after what is running there now. From any thread.</summary>
    public override void Schedule(Action<object?> action, object? state)
    {
        _posted.Enqueue((action, state));
        if (!IsCurrent && Interlocked.Exchange(ref _waiting, 0) == 1)
        {
            ulong one = 1;
            _ = LibC.write(_wake, &one, sizeof(ulong));
        }
    }

    /// <summary>Runs the action on the loop after some milliseconds; not cancellable, so it gets a token to see if it still matters.</summary>
    public void After(TimeSpan delay, Action<object?, int> action, object? state, int token) =>
        _timers.Enqueue((action, state, token), Environment.TickCount64 + (long)Math.Ceiling(delay.TotalMilliseconds));

    /// <summary>Watches a descriptor for a handler. On the loop only.</summary>
    /// <returns>False if the kernel refuses (its limit of watches is reached).</returns>
    public bool TryAdd(LoopHandler handler, int descriptor, uint events)
    {
        if (!_freeSlots.TryPop(out var slot))
        {
            slot = _usedSlots++;
            if (slot == _slots.Length)
            {
                Array.Resize(ref _slots, slot * 2);
                Array.Resize(ref _generations, slot * 2);
            }
        }

        if (Watch(descriptor, events, Data(slot)) != 0)
        {
            _freeSlots.Push(slot);
            return false;
        }

        _slots[slot] = handler;
        handler.Slot = slot;
        return true;
    }

    /// <summary>Watches a descriptor no more that stays open.</summary>
    public void Unwatch(int descriptor) => _ = LibC.epoll_ctl(_epoll, LibC.EPOLL_CTL_DEL, descriptor, null);

    /// <summary>Forgets a handler whose descriptor is about to be closed. Events of it that are already here are dropped.</summary>
    public void Remove(LoopHandler handler)
    {
        var slot = handler.Slot;
        if (slot < 0)
            return;
        handler.Slot = -1;
        _slots[slot] = null;
        _generations[slot]++;
        _freeSlots.Push(slot);
    }

    /// <summary>Ends the loop once everything on it is closed; waits for its thread.</summary>
    public void Dispose()
    {
        if (_stopped)
            return;
        _stopped = true;
        Schedule(static _ => { }, null);
        if (!IsCurrent)
            _thread.Join();
        _ = LibC.close(_epoll);
        _ = LibC.close(_wake);
        NativeMemory.Free(Scratch);
        Io.Dispose();
    }

    internal static int Check(int result, string call) =>
        result >= 0 ? result : throw new IOException($"{call}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    private ulong Data(int slot) => ((ulong)_generations[slot] << 32) | (uint)slot;

    private int Watch(int descriptor, uint events, ulong data)
    {
        var buffer = stackalloc byte[16];
        *(uint*)buffer = events;
        *(ulong*)(buffer + EventDataOffset) = data;
        return LibC.epoll_ctl(_epoll, LibC.EPOLL_CTL_ADD, descriptor, buffer);
    }

    private void Run()
    {
        var events = stackalloc byte[EventsPerWait * 16];
        var nextSweep = Now + SweepInterval;
        while (!_stopped)
        {
            Volatile.Write(ref _waiting, 1);
            Interlocked.MemoryBarrier(); // against Schedule: either it sees _waiting, or we see its work
            var count = LibC.epoll_wait(_epoll, events, EventsPerWait, Timeout(nextSweep));
            Volatile.Write(ref _waiting, 0);
            Now = Environment.TickCount64;
            for (var i = 0; i < count; i++)
                Dispatch(*(uint*)(events + i * EventSize), *(ulong*)(events + i * EventSize + EventDataOffset));
            RunPosted();
            RunTimers();
            if (Now >= nextSweep)
            {
                Sweep();
                nextSweep = Now + SweepInterval;
            }

            EndTurn();
        }

        CloseAll();
    }

    private int Timeout(long nextSweep)
    {
        if (!_posted.IsEmpty || _ending.Count > 0)
            return 0;
        var next = _timers.TryPeek(out _, out var due) ? Math.Min(due, nextSweep) : nextSweep;
        return (int)Math.Clamp(next - Environment.TickCount64, 0, SweepInterval);
    }

    private void Dispatch(uint events, ulong data)
    {
        var slot = (int)(uint)data;
        if (slot == WakeSlot)
        {
            ulong count;
            _ = LibC.read(_wake, &count, sizeof(ulong));
            return;
        }

        if (_slots[slot] is { } handler && _generations[slot] == (uint)(data >> 32))
        {
            try
            {
                handler.OnEvents(events);
            }
            catch (Exception fault)
            {
                Fail(handler, fault);
            }
        }
    }

    // Twice, since an answer that was awaited here posts what its connection does with it; what is posted then has its turn later.
    private void RunPosted()
    {
        for (var round = 0; round < 2 && !_posted.IsEmpty; round++)
            RunPostedBefore();
    }

    private void RunPostedBefore()
    {
        for (var left = _posted.Count; left > 0 && _posted.TryDequeue(out var work); left--)
        {
            try
            {
                work.Action(work.State);
            }
            catch (Exception fault)
            {
                Fail(work.State, fault);
            }
        }
    }

    private void EndTurn()
    {
        if (_ending.Count == 0)
            return;
        (_ending, _ended) = (_ended, _ending);
        foreach (var (action, state) in _ended)
        {
            try
            {
                action(state);
            }
            catch (Exception fault)
            {
                Fail(state, fault);
            }
        }

        _ended.Clear();
    }

    private void RunTimers()
    {
        while (_timers.TryPeek(out var timer, out var due) && due <= Now)
        {
            _timers.Dequeue();
            try
            {
                timer.Action(timer.State, timer.Token);
            }
            catch (Exception fault)
            {
                Fail(timer.State, fault);
            }
        }
    }

    // A deadline is a number in the connection: setting one is free, and looking at all of them takes microseconds per thousand.
    private void Sweep()
    {
        for (var slot = 0; slot < _usedSlots; slot++)
        {
            if (_slots[slot] is not { } handler)
                continue;
            try
            {
                handler.OnSweep(Now);
            }
            catch (Exception fault)
            {
                Fail(handler, fault);
            }
        }
    }

    /// <summary>
    /// An exception costs its connection, never the loop: there are a thousand others on it. <paramref name="state"/> is what the
    /// work was about: a handler, or a tuple that begins with one.
    /// </summary>
    private void Fail(object? state, Exception fault)
    {
        Log.HandlerFault(_logger, fault);
        var handler = state as LoopHandler ?? (state as ITuple)?[0] as LoopHandler;
        try
        {
            handler?.OnFault();
        }
        catch (Exception second)
        {
            Log.HandlerFault(_logger, second);
        }

        Io.Clear(); // whatever was in it was meant for that connection
    }

    private void CloseAll()
    {
        for (var slot = 0; slot < _usedSlots; slot++)
        {
            if (_slots[slot] is not { } handler)
                continue;
            try
            {
                handler.OnStop();
            }
            catch (Exception fault)
            {
                Fail(handler, fault);
            }
        }

        RunPosted();
    }

    private sealed class LoopContext(EventLoop loop) : SynchronizationContext
    {
        private SendOrPostCallback? _callback; // nearly always the one that awaits post
        private Action<object?>? _action;

        public override void Post(SendOrPostCallback d, object? state)
        {
            var action = _action;
            if (action is null || !ReferenceEquals(_callback, d))
            {
                action = new Action<object?>(d);
                if (Interlocked.CompareExchange(ref _callback, d, null) is null)
                    _action = action;
            }

            loop.Schedule(action, state);
        }

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nobody waits for a loop.");

        public override SynchronizationContext CreateCopy() => this;
    }

    private sealed class TurnEndScheduler(EventLoop loop) : PipeScheduler
    {
        public override void Schedule(Action<object?> action, object? state)
        {
            if (loop.IsCurrent)
                loop._ending.Add((action, state));
            else
                loop.Schedule(action, state);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Error, "A fault on an event loop; the connection it came from is closed")]
        public static partial void HandlerFault(ILogger logger, Exception fault);
    }
}
