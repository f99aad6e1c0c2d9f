using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Reprise.Redis;
using StackExchange.Redis;

namespace Reprise.SessionCache;

/// <summary>Connecting, checking, and finding the master again; all of it beside the handshakes.</summary>
public sealed partial class RedisSessionCache
{
    private enum State
    {
        None,
        Connected,
        Lost,
        Unfit,
    }

    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UnfitCheckedAgainAfter = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _disposed = new();
    private readonly ConcurrentDictionary<EndPoint, bool> _away = new(); // servers whose loss has been logged
    private ConfigurationOptions? _configuration;
    private volatile ConnectionMultiplexer? _multiplexer;
    private volatile IDatabase? _database; // null: not fit for use, as far as is known
    private volatile IReadOnlyCollection<string> _warned = [];
    private int _connection; // counts what happened to the connection, so that only the latest check decides
    private int _said; // the state that was logged last: one line at each change
    private int _looking;

    // With one server a connection is all there is, even if the next one is there before anybody hears of its loss.
    private bool IsAlone => _multiplexer!.GetEndPoints().Length == 1;

    private IDatabase? Usable => _database is { } database && _multiplexer!.IsConnected ? database : null;

    /// <summary>
    /// Connects, and checks the servers if they answer. To be called once at start; later connections are checked as they come.
    /// </summary>
    /// <exception cref="UnfitRedisException">A server must not hold sessions; one line says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!await TryConnectAsync().ConfigureAwait(false) || !_multiplexer!.IsConnected)
        {
            if (Changes(State.Lost))
                Log.Unreachable(_logger);
            if (_multiplexer is null)
                _ = ConnectAgainAsync();
            return;
        }

        var connection = Volatile.Read(ref _connection);
        if (!await TryCheckAsync(connection).ConfigureAwait(false))
            _ = CheckAgainAsync(connection, TryAgainAfter);
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        _database = null;
        if (_multiplexer is { } multiplexer)
            await multiplexer.DisposeAsync().ConfigureAwait(false);
        _lookups.Dispose();
        _stores.Dispose();
    }

    /// <returns>False if there is no multiplexer yet, which happens with Sentinels alone: the library gives none before one has named the master.</returns>
    private async Task<bool> TryConnectAsync()
    {
        // Anew each time: the library writes what the Sentinels say over the end points.
        var configuration = SessionStoreConnection.Configure(_options, _connections);
        ConnectionMultiplexer multiplexer;
        try
        {
            multiplexer = await ConnectionMultiplexer.ConnectAsync(configuration).ConfigureAwait(false);
        }
        catch (Exception fault) when (RedisFault.IsExpected(fault))
        {
            Log.NoMaster(_logger, fault.Message.ReplaceLineEndings(" "));
            return false;
        }

        _configuration = configuration;
        _multiplexer = multiplexer; // before its events, which use it
        multiplexer.ConnectionRestored += OnRestored;
        multiplexer.ConnectionFailed += OnFailed;
        multiplexer.ConfigurationChanged += OnChanged;
        if (_disposed.IsCancellationRequested)
            await multiplexer.DisposeAsync().ConfigureAwait(false);
        return true;
    }

    // Nobody awaits this, so nothing may leave it.
    private async Task ConnectAgainAsync()
    {
        while (true)
        {
            try
            {
                await Task.Delay(TryAgainAfter, _time, _disposed.Token).ConfigureAwait(false);
                if (!await Task.Run(TryConnectAsync, _disposed.Token).ConfigureAwait(false)) // asking Sentinels blocks its thread
                    continue;
                Recheck(pause: true);
                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception defect)
            {
                Log.NotChecked(_logger, LogLevel.Error, defect.Message.ReplaceLineEndings(" "));
            }
        }
    }

    /// <returns>False if no server could be asked, or not all of them: then it has to be done again.</returns>
    private async Task<bool> TryCheckAsync(int connection, LogLevel failure = LogLevel.Warning)
    {
        var findings = await RedisCheck.RunAsync(_multiplexer!, _configuration!, _options).ConfigureAwait(false);
        if (connection != Volatile.Read(ref _connection) || _disposed.IsCancellationRequested)
            return true; // a later check decides
        if (findings.Unasked is { } reason)
            Log.NotChecked(_logger, failure, reason);
        if (!findings.Fit)
            return false;

        foreach (var warning in findings.Warnings.Except(_warned))
            Log.Warned(_logger, warning);
        _warned = findings.Warnings;
        _database = _multiplexer!.GetDatabase();
        if (Changes(State.Connected))
            Log.Connected(_logger);
        return findings.Unasked is null;
    }

    // Nobody awaits this, so nothing may leave it.
    private async Task CheckAgainAsync(int connection, TimeSpan delay, LogLevel failure = LogLevel.Debug)
    {
        while (true)
        {
            try
            {
                await Task.Delay(delay, _time, _disposed.Token).ConfigureAwait(false);
                if (connection != Volatile.Read(ref _connection) || await TryCheckAsync(connection, failure).ConfigureAwait(false))
                    return;
                delay = TryAgainAfter;
                failure = LogLevel.Debug;
            }
            catch (UnfitRedisException unfit)
            {
                if (connection != Volatile.Read(ref _connection))
                    return; // a later check decides
                SayUnfit(unfit);
                delay = UnfitCheckedAgainAfter;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception defect)
            {
                Log.NotChecked(_logger, LogLevel.Error, defect.Message.ReplaceLineEndings(" "));
                delay = UnfitCheckedAgainAfter; // whatever it is, the node goes on, and so does the search for a store
            }
        }
    }

    private void OnFailed(object? sender, ConnectionFailedEventArgs failure)
    {
        if (failure.ConnectionType is not ConnectionType.Interactive || _disposed.IsCancellationRequested)
            return;
        if (!IsAlone && _multiplexer!.IsConnected)
        {
            if (failure.EndPoint is { } one && _away.TryAdd(one, true))
                Log.OneLost(_logger, EndPointText.Of(one), failure.FailureType);
            return; // the others go on
        }

        if (Changes(State.Lost))
            Log.Lost(_logger, failure.FailureType);
        Recheck(pause: true);
    }

    private void OnRestored(object? sender, ConnectionFailedEventArgs restored)
    {
        if (restored.ConnectionType is not ConnectionType.Interactive)
            return;
        if (restored.EndPoint is { } one)
            _away.TryRemove(one, out _);
        Recheck(pause: IsAlone);
    }

    // Another master, or one more.
    private void OnChanged(object? sender, EndPointEventArgs changed) => Recheck(pause: false);

    /// <summary>
    /// A server that comes back may be another one, or configured otherwise. Loss and return both lead here, since the thread pool does
    /// not promise their order.
    /// </summary>
    /// <param name="pause">Whether nothing is asked until it is known; among several servers the others go on.</param>
    private void Recheck(bool pause)
    {
        if (pause)
            _database = null;
        var connection = Interlocked.Increment(ref _connection);
        if (_multiplexer!.IsConnected && !_disposed.IsCancellationRequested)
            _ = CheckAgainAsync(connection, TimeSpan.Zero, LogLevel.Warning);
    }

    /// <summary>
    /// Has the library look for the master now, once a second at most: it does so by itself when a connection breaks, but not when a
    /// server that goes on answering has become a replica, or has become a master again.
    /// </summary>
    private void LookAgain()
    {
        if (Interlocked.Exchange(ref _looking, 1) == 0)
            _ = Task.Run(LookAgainAsync);
    }

    private async Task LookAgainAsync()
    {
        try
        {
            await _multiplexer!.ConfigureAsync().ConfigureAwait(false);
            await Task.Delay(TryAgainAfter, _time, _disposed.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (RedisFault.IsExpected(fault))
        {
            Log.NotFound(_logger, fault.Message.ReplaceLineEndings(" "));
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private void SayUnfit(UnfitRedisException unfit)
    {
        _database = null;
        if (Changes(State.Unfit))
            Log.Unfit(_logger, unfit.Message);
    }

    private bool Changes(State state) => Interlocked.Exchange(ref _said, (int)state) != (int)state;
}
