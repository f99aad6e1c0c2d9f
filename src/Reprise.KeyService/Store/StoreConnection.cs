using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Epochs;
using Reprise.Redis;
using StackExchange.Redis;

namespace Reprise.KeyService.Store;

/// <summary>
/// The one connection of this process to the store. Made at the first call and again whenever it breaks, by the library; each call fails
/// soon where there is none. Thread-safe.
/// </summary>
internal sealed partial class StoreConnection(
    IOptions<StoreOptions> options, StoreMetrics metrics, ILogger<StoreConnection> logger) : IAsyncDisposable
{
    private const string Anonymous = "anonymous";

    private readonly SemaphoreSlim _connecting = new(1, 1);
    private readonly ChangeSignal _changed = new();
    private readonly ConcurrentDictionary<(int Breaks, string Reason), bool> _refused = new();
    private volatile ConnectionMultiplexer? _multiplexer;
    private volatile bool _ready; // subscribed, and found fit since it was last connected
    private ConfigurationOptions? _configuration;
    private ChannelMessageQueue? _channel;
    private int _breaks;
    private int _looking;
    private string? _said = ""; // why the store was last said not to serve; null: that it serves

    /// <summary>How often a connection has come or gone: what was true of the store before may not be now.</summary>
    public int Breaks => Volatile.Read(ref _breaks);

    /// <summary>Completes when a connection comes back; see <see cref="ChangeSignal"/>.</summary>
    public Task Changed => _changed.Next;

    /// <summary>What this and other key services tell, one after the other. Not told: what happens while the connection is broken.</summary>
    public event Action<StoreChange>? Told;

    /// <summary>Makes a call.</summary>
    /// <param name="ask">The call, or several.</param>
    /// <param name="cancellationToken">Ends the waiting for a connection; a call that was made is waited for, a second or two at most.</param>
    /// <exception cref="LedgerStoreException">It failed. Whether it was carried out is not known.</exception>
    public async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            await ReadyAsync(cancellationToken);
            var answer = await ask(_multiplexer!.GetDatabase());
            Say(null);
            return answer;
        }
        catch (Exception fault) when (RedisFault.IsExpected(fault))
        {
            // A stop is no fault of the store; and what waits for a stop knows that exception alone.
            cancellationToken.ThrowIfCancellationRequested();
            if (RedisFault.MayHaveMoved(fault))
                LookAgain();
            var reason = RedisFault.ReasonOf(fault) ?? "WRONGTYPE";
            metrics.Failed(reason);
            if (fault is RedisServerException && !RedisFault.MayHaveMoved(fault))
                SayRefused(reason);
            else
                Say(reason);
            throw new LedgerStoreException($"the store does not serve ({reason})", fault);
        }
    }

    /// <summary>Tells the others, if it can be told now.</summary>
    public void Tell(StoreChange change) =>
        _multiplexer?.GetSubscriber().Publish(StoreKeys.Changed, Google.Protobuf.MessageExtensions.ToByteArray(change), CommandFlags.FireAndForget);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_multiplexer is { } multiplexer)
            await multiplexer.DisposeAsync();
        _connecting.Dispose();
    }

    private async Task ReadyAsync(CancellationToken cancel)
    {
        if (_ready)
            return;
        await _connecting.WaitAsync(cancel);
        try
        {
            if (_ready)
                return;
            var breaks = Breaks;
            _multiplexer ??= await ConnectAsync();
            if (!options.Value.AllowAnonymous)
                await RequirePasswordAsync(_multiplexer, _configuration!);

            await SubscribeAsync(_multiplexer);
            _ready = _channel is not null && breaks == Breaks;
        }
        finally
        {
            _connecting.Release();
        }
    }

    // What is told comes by a connection of its own, which may not be up yet. All of it can be read too: the next call tries again.
    private async Task SubscribeAsync(ConnectionMultiplexer multiplexer)
    {
        if (_channel is not null)
            return;
        try
        {
            _channel = await multiplexer.GetSubscriber().SubscribeAsync(StoreKeys.Changed);
            _channel.OnMessage(OnMessage);
        }
        catch (Exception fault) when (RedisFault.IsExpected(fault))
        {
        }
    }

    private async Task RequirePasswordAsync(ConnectionMultiplexer multiplexer, ConfigurationOptions configuration)
    {
        foreach (var server in multiplexer.GetServers().Where(server => server.IsConnected))
        {
            if (!await AnonymousAccess.IsPossibleAsync(server.EndPoint, configuration))
                continue;
            metrics.Failed(Anonymous);
            Say(Anonymous, EndPointText.Of(server.EndPoint));
            throw new LedgerStoreException("the store asks for no password, and is not used");
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        // Anew each time: with Sentinels the library writes what they say over the end points.
        _configuration = RedisConnection.Configure(options.Value, "reprise-keyservice");
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(_configuration);
        multiplexer.ConnectionFailed += (_, failure) => OnConnection(failure, restored: false);
        multiplexer.ConnectionRestored += (_, restored) => OnConnection(restored, restored: true);
        return multiplexer;
    }

    private void OnConnection(ConnectionFailedEventArgs connection, bool restored)
    {
        if (connection.ConnectionType is not ConnectionType.Interactive)
            return;
        Interlocked.Increment(ref _breaks);
        _ready = false;
        if (restored)
            _changed.Raise();
    }

    private void OnMessage(ChannelMessage message)
    {
        StoreChange change;
        try
        {
            change = StoreChange.Parser.ParseFrom((byte[]?)message.Message ?? []);
        }
        catch (Google.Protobuf.InvalidProtocolBufferException)
        {
            return; // not of ours, or of a later version: all that is told can be read
        }

        Told?.Invoke(change);
    }

    // A server that goes on answering may have become a replica: the library does not look for the new master by itself.
    private void LookAgain()
    {
        if (_multiplexer is { } multiplexer && Interlocked.Exchange(ref _looking, 1) == 0)
            _ = LookAgainAsync(multiplexer);
    }

    private async Task LookAgainAsync(ConnectionMultiplexer multiplexer)
    {
        try
        {
            await multiplexer.ConfigureAsync();
        }
        catch (Exception fault) when (RedisFault.IsExpected(fault))
        {
            // The next failure looks again.
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private void Say(string? reason, string server = "")
    {
        var former = Interlocked.Exchange(ref _said, reason);
        if (reason == former)
            return;
        if (reason is null)
            Log.Serves(logger);
        else if (reason is Anonymous)
            Log.Anonymous(logger, server);
        else if (former is null or "")
            Log.Fails(logger, reason);
    }

    // It serves, but not this, while other calls go on: said once for each connection.
    private void SayRefused(string reason)
    {
        if (_refused.TryAdd((Breaks, reason), true))
            Log.Refuses(logger, reason);
    }

    // Event ids 4210-4219.
    private static partial class Log
    {
        [LoggerMessage(4210, LogLevel.Information, "Key store: connected")]
        public static partial void Serves(ILogger logger);

        [LoggerMessage(4211, LogLevel.Warning, "Key store: does not serve ({Reason}); nodes are served from memory, and nothing is changed until it does")]
        public static partial void Fails(ILogger logger, string reason);

        [LoggerMessage(4213, LogLevel.Error, "Key store: refuses a command ({Reason}); see which in its own log, as by ACL LOG. What needs it does not work until it is allowed")]
        public static partial void Refuses(ILogger logger, string reason);

        [LoggerMessage(4212, LogLevel.Error, "Key store: not used: Redis {Server} asks for no password and is not on loopback; set requirepass or an ACL user, or Store:AllowAnonymous to true")]
        public static partial void Anonymous(ILogger logger, string server);
    }
}
