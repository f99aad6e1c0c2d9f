using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Reprise.Core.Sessions;
using Reprise.Redis;
using StackExchange.Redis;

namespace Reprise.SessionCache;

/// <summary>
/// The session cache in Redis: one server, a Sentinel's master, or a Cluster. It connects in the background and answers
/// <see cref="CacheAnswer.Fault"/>, at once and synchronously, while it is not connected, while <see cref="RedisCheck"/> has not found the
/// server fit to hold sessions, and while the breaker for such calls is open.
/// </summary>
public sealed partial class RedisSessionCache : ISessionCache, IAsyncDisposable
{
    private readonly RedisSessionCacheOptions _options;
    private readonly ILogger<RedisSessionCache> _logger;
    private readonly TimeProvider _time;
    private readonly IConnectionFactory? _connections;
    // Two, since a Redis that is full or a replica still answers lookups: one would open and close without end.
    private readonly Breaker _lookups;
    private readonly Breaker _stores;

    /// <param name="options">Where the store is and how long it is waited for.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="logger">One line per change of state.</param>
    /// <param name="connections">Makes the connections to the store that can be in the clear; null: the library makes all of them.</param>
    public RedisSessionCache(
        IOptions<RedisSessionCacheOptions> options, TimeProvider time, ILogger<RedisSessionCache> logger, IConnectionFactory? connections = null)
    {
        _connections = connections;
        _options = options.Value;
        _logger = logger;
        _time = time;
        // A Redis without room still answers: all but the mark of a take, which then goes without.
        _lookups = MakeBreaker("lookups", _options.LookupBudget, static fault => RedisFault.IsFull(fault) ? null : RedisFault.ReasonOf(fault));
        _stores = MakeBreaker("stores", _options.StoreBudget, RedisFault.ReasonOf);
    }

    /// <summary>Whether sessions can be stored and found at this moment, as far as is known.</summary>
    public bool Connected => Usable is not null;

    /// <summary>Whether the store is asked for sessions; what opens it says <see cref="RedisSessionCacheOptions.BreakDuration"/>.</summary>
    public BreakerState LookupBreaker => _lookups.State;

    /// <summary>Whether it is given sessions.</summary>
    public BreakerState StoreBreaker => _stores.State;

    /// <summary>For scans, which are no handshake's; null while not connected or not fit.</summary>
    internal IConnectionMultiplexer? Multiplexer => Connected ? _multiplexer : null;

    public ValueTask<bool> SetAsync(SessionKey key, byte[] value, TimeSpan timeToLive, bool singleUse) =>
        Usable is { } database && timeToLive > TimeSpan.Zero && !_stores.Refuses
            ? StoreAsync(new Command(database, key, value, timeToLive))
            : ValueTask.FromResult(false);

    public ValueTask<CacheAnswer> GetAsync(SessionKey key) =>
        Usable is { } database && !_lookups.Refuses
            ? LookUpAsync(static command => SendGetAsync(command), new Command(database, key))
            : ValueTask.FromResult(CacheAnswer.Fault);

    public ValueTask<CacheAnswer> TakeAsync(SessionKey key) =>
        Usable is { } database && !_lookups.Refuses
            ? LookUpAsync(static command => SendTakeAsync(command), new Command(database, key), static command => SendTakeUnmarkedAsync(command))
            : ValueTask.FromResult(CacheAnswer.Fault);

    // The commands there are; whatever sends them otherwise stands in for these.

    private static Task<bool> SendSetAsync(Command command) =>
        command.Database.StringSetAsync(command.Key.Text, command.Value, command.TimeToLive);

    private static Task<RedisValue> SendGetAsync(Command command) => command.Database.StringGetAsync(command.Key.Text);

    // SET XX GET: as atomic as GETDEL, and leaves a mark, so that who comes second is told from who comes with what never was.
    private static Task<RedisValue> SendTakeAsync(Command command) =>
        command.Database.StringSetAndGetAsync(command.Key.Text, SpentMark.Value, SpentMark.Life, when: When.Exists);

    // For a server that is full: it takes no mark, but gives back what it has.
    private static Task<RedisValue> SendTakeUnmarkedAsync(Command command) => command.Database.StringGetDeleteAsync(command.Key.Text);

    private async ValueTask<bool> StoreAsync(Command command)
    {
        var call = await _stores.PassAsync(static command => SendSetAsync(command), command).ConfigureAwait(false);
        return call is not null && EndedWell(call) && await call.ConfigureAwait(false);
    }

    private async ValueTask<CacheAnswer> LookUpAsync(
        Func<Command, Task<RedisValue>> send, Command command, Func<Command, Task<RedisValue>>? sendIfFull = null)
    {
        var call = await _lookups.PassAsync(send, command).ConfigureAwait(false);
        if (call is null)
            return CacheAnswer.Fault;
        if (!EndedWell(call))
        {
            var fault = call.Exception?.InnerException;
            if (sendIfFull is not null && RedisFault.IsFull(fault))
                return await LookUpAsync(sendIfFull, command).ConfigureAwait(false);
            return fault is TimeoutException ? CacheAnswer.Late : CacheAnswer.Fault;
        }

        var value = (byte[]?)await call.ConfigureAwait(false);
        return SpentMark.Is(value) ? CacheAnswer.Spent : new CacheAnswer(value, Faulted: false);
    }

    /// <summary>How a call ended, which may be after its budget: only the breaker cares. A failure of the store throws nothing.</summary>
    private bool EndedWell(Task call)
    {
        if (call.IsCompletedSuccessfully)
            return true;
        if (call.IsCanceled)
            return false;
        if (call.Exception?.InnerException is not { } fault || !RedisFault.IsExpected(fault))
            return true; // a defect, which the caller's own await brings up
        if (RedisFault.MayHaveMoved(fault))
            LookAgain();
        return false;
    }

    private Breaker MakeBreaker(string calls, TimeSpan budget, Func<Exception, string?> reasonOf)
    {
        var said = 0; // one line when it opens and one when it closes; the probes between are Debug
        return new Breaker(budget, _options.BreakDuration, _time, reasonOf, (state, reason) =>
        {
            switch (state)
            {
                case BreakerState.Open when Interlocked.Exchange(ref said, 1) == 0:
                    Log.BreakerOpened(_logger, calls, Breaker.FailuresToOpen, reason);
                    break;
                case BreakerState.Open:
                    Log.ProbeFailed(_logger, calls, reason);
                    break;
                case BreakerState.HalfOpen:
                    Log.Probing(_logger, calls);
                    break;
                default:
                    Volatile.Write(ref said, 0);
                    Log.BreakerClosed(_logger, calls);
                    break;
            }
        });
    }

    private readonly record struct Command(IDatabase Database, SessionKey Key, byte[]? Value = null, TimeSpan TimeToLive = default);
}
