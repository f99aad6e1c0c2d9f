using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Reprise.Core.Sessions;
using StackExchange.Redis;

namespace Reprise.SessionCache;

/// <summary>
/// The session cache in Redis. It connects in the background and answers <see cref="CacheAnswer.Fault"/> until it is connected
/// and <see cref="RedisCheck"/> has found the server fit to hold sessions.
/// </summary>
public sealed partial class RedisSessionCache : ISessionCache, IAsyncDisposable
{
    private enum State
    {
        None,
        Connected,
        Lost,
        Unfit,
    }

    private static readonly TimeSpan CheckAgainAfter = TimeSpan.FromSeconds(1);

    private readonly RedisSessionCacheOptions _options;
    private readonly ILogger<RedisSessionCache> _logger;
    private readonly CancellationTokenSource _disposed = new();
    private ConfigurationOptions? _configuration;
    private ConnectionMultiplexer? _multiplexer;
    private volatile IDatabase? _database; // null: not fit for use, as far as is known
    private int _connection; // counts what happened to the connection, so that only the latest check decides
    private int _said; // the state that was logged last: one line at each change

    public RedisSessionCache(IOptions<RedisSessionCacheOptions> options, ILogger<RedisSessionCache> logger)
    {
        _options = options.Value;
        _logger = logger;
    }

    /// <summary>Whether sessions can be stored and found at this moment, as far as is known.</summary>
    public bool Connected => Usable is not null;

    /// <summary>For scans, which are no handshake's; null while not connected or not fit.</summary>
    internal IConnectionMultiplexer? Multiplexer => Connected ? _multiplexer : null;

    private IDatabase? Usable => _database is { } database && _multiplexer!.IsConnected ? database : null;

    /// <summary>
    /// Connects, and checks the server if it answers. To be called once at start; later connections are checked as they come.
    /// </summary>
    /// <exception cref="UnfitRedisException">The server must not hold sessions; one line says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _configuration = RedisConnection.Configure(_options);
        _multiplexer = await ConnectionMultiplexer.ConnectAsync(_configuration).ConfigureAwait(false);
        _multiplexer.ConnectionRestored += OnRestored;
        _multiplexer.ConnectionFailed += OnFailed;
        if (!_multiplexer.IsConnected)
        {
            if (Changes(State.Lost))
                Log.Unreachable(_logger);
            return;
        }

        var connection = Volatile.Read(ref _connection);
        if (!await TryCheckAsync(connection).ConfigureAwait(false))
            _ = CheckAgainAsync(connection);
    }

    public async ValueTask<bool> SetAsync(SessionKey key, byte[] value, TimeSpan timeToLive, bool singleUse)
    {
        if (Usable is not { } database || timeToLive <= TimeSpan.Zero)
            return false;
        try
        {
            return await database.StringSetAsync(key.Text, value, timeToLive).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsExpected(fault))
        {
            return false;
        }
    }

    public ValueTask<CacheAnswer> GetAsync(SessionKey key) => AskAsync(key, static (database, key) => database.StringGetAsync(key));

    public ValueTask<CacheAnswer> TakeAsync(SessionKey key) => AskAsync(key, static (database, key) => database.StringGetDeleteAsync(key));

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        _database = null;
        if (_multiplexer is { } multiplexer)
            await multiplexer.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<CacheAnswer> AskAsync(SessionKey key, Func<IDatabase, RedisKey, Task<RedisValue>> ask)
    {
        if (Usable is not { } database)
            return CacheAnswer.Fault;
        try
        {
            return new CacheAnswer((byte[]?)await ask(database, key.Text).ConfigureAwait(false), Faulted: false);
        }
        catch (Exception fault) when (IsExpected(fault))
        {
            return CacheAnswer.Fault;
        }
    }

    // RedisTimeoutException is a TimeoutException and no RedisException.
    private static bool IsExpected(Exception fault) =>
        fault is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    /// <returns>False if the server could not be asked: then it has to be checked again.</returns>
    private async Task<bool> TryCheckAsync(int connection, LogLevel failure = LogLevel.Warning)
    {
        try
        {
            await RedisCheck.RunAsync(_multiplexer!, _configuration!, _options, _logger).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsExpected(fault))
        {
            Log.NotChecked(_logger, failure, fault.Message);
            return false;
        }

        if (connection == Volatile.Read(ref _connection))
        {
            _database = _multiplexer!.GetDatabase();
            if (Changes(State.Connected))
                Log.Connected(_logger);
        }

        return true;
    }

    // Nobody awaits this, so nothing may leave it.
    private async Task CheckAgainAsync(int connection)
    {
        try
        {
            do
            {
                await Task.Delay(CheckAgainAfter, _disposed.Token).ConfigureAwait(false);
            }
            while (connection == Volatile.Read(ref _connection) && !await TryCheckAsync(connection, LogLevel.Debug).ConfigureAwait(false));
        }
        catch (UnfitRedisException unfit)
        {
            SayUnfit(unfit);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void OnFailed(object? sender, ConnectionFailedEventArgs failure)
    {
        if (failure.ConnectionType is not ConnectionType.Interactive)
            return;
        if (!_disposed.IsCancellationRequested && Changes(State.Lost))
            Log.Lost(_logger, failure.FailureType);
        Recheck();
    }

    private void OnRestored(object? sender, ConnectionFailedEventArgs restored)
    {
        if (restored.ConnectionType is ConnectionType.Interactive)
            Recheck();
    }

    // A server that comes back may be another one, or configured otherwise. Both events lead here, since the thread pool does not
    // promise their order.
    private async void Recheck()
    {
        _database = null;
        var connection = Interlocked.Increment(ref _connection);
        if (!_multiplexer!.IsConnected || _disposed.IsCancellationRequested)
            return;
        try
        {
            if (!await TryCheckAsync(connection).ConfigureAwait(false))
                await CheckAgainAsync(connection).ConfigureAwait(false);
        }
        catch (UnfitRedisException unfit)
        {
            SayUnfit(unfit);
        }
    }

    private void SayUnfit(UnfitRedisException unfit)
    {
        if (Changes(State.Unfit))
            Log.Unfit(_logger, unfit.Message);
    }

    private bool Changes(State state) => Interlocked.Exchange(ref _said, (int)state) != (int)state;

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Information, "Session store: connected")]
        public static partial void Connected(ILogger logger);

        [LoggerMessage(2002, LogLevel.Warning, "Session store: not reachable; stateful sessions are full handshakes until it is")]
        public static partial void Unreachable(ILogger logger);

        [LoggerMessage(2003, LogLevel.Warning, "Session store: connection lost ({Failure}); stateful sessions are full handshakes until it is back")]
        public static partial void Lost(ILogger logger, ConnectionFailureType failure);

        [LoggerMessage(EventId = 2005, Message = "Session store: could not be checked, and is not used until it is: {Reason}")]
        public static partial void NotChecked(ILogger logger, LogLevel level, string reason);

        [LoggerMessage(2004, LogLevel.Error, "Session store: not used: {Reason}")]
        public static partial void Unfit(ILogger logger, string reason);
    }
}
