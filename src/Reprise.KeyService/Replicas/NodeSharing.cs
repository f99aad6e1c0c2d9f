using Google.Protobuf;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Hosting;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Store;
using StackExchange.Redis;

namespace Reprise.KeyService.Replicas;

/// <summary>
/// Tells other key services of the nodes whose streams are here, and learns of theirs: each change at once on the channel, and all of it
/// again from a hash, so that what was not heard is read. That a key service lives stands under a key that expires when it does not.
/// </summary>
internal sealed class NodeSharing : BackgroundService
{
    // A node that says much is told of less often than it says.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_turn = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_heartbeats = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_readAgain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_moving = TimeSpan.FromSeconds(3);

    // Nodes that are never seen again are forgotten with their certificates.
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(90);

    private readonly CancellationToken _stopping;
    private readonly NodeRegistry _nodes;
    private readonly StoreConnection _connection;
    private readonly KeyEncryptionKeys _keys;
    private readonly ByteString _instance;
    private readonly TimeProvider _time;
    private readonly string _service;
    private readonly TimeSpan _presence;
    private readonly Dictionary<string, (NodeStatus Status, long At)> _written = new(StringComparer.Ordinal);
    private int _breaks = -1;
    private long _presentSince;
    private long _readAt;
    private long _heardOf;

    public NodeSharing(
        NodeRegistry nodes,
        StoreConnection connection,
        KeyEncryptionKeys keys,
        RedisLedgerStore store,
        IOptions<StoreOptions> options,
        IOptions<KeyServiceOptions> service,
        IHostApplicationLifetime lifetime,
        TimeProvider time)
    {
        _stopping = lifetime.ApplicationStopping;
        _nodes = nodes;
        _connection = connection;
        _keys = keys;
        _instance = store.Instance;
        _time = time;
        _service = service.Value.Name;
        // Shorter than that would be lost to a busy moment of the store.
        _presence = options.Value.LeaseDuration > s_readAgain ? options.Value.LeaseDuration : s_readAgain;
        connection.Told += OnTold;
    }

    /// <summary>
    /// Its streams have ended, but the nodes have not: they are on their way to another key service, and a rotation there goes on waiting for
    /// them so long.
    /// </summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _connection.Told -= OnTold;
        try
        {
            await _connection.AskAsync(database => database.KeyExpireAsync(StoreKeys.Replica(_service), s_moving), cancellationToken);
        }
        catch (Exception fault) when (fault is LedgerStoreException or OperationCanceledException)
        {
            // It expires.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            _heardOf = _time.GetTimestamp();
            while (true)
            {
                var changed = Task.WhenAny(_nodes.Changed, _connection.Changed);
                await TurnAsync(stoppingToken);
                await Task.Delay(s_pause, _time, stoppingToken);
                await _time.DelayUntilAsync(_time.GetUtcNow() + s_turn, changed, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task TurnAsync(CancellationToken cancel)
    {
        try
        {
            if (_breaks != _connection.Breaks)
            {
                // Another store perhaps, or an empty one.
                _breaks = _connection.Breaks;
                _written.Clear();
                _presentSince = _readAt = 0;
            }

            if (IsDue(_presentSince, s_turn))
                await BePresentAsync(cancel);
            if (IsDue(_readAt, s_readAgain))
                await ReadAsync(cancel);
            await WriteAsync(cancel);
            _heardOf = _time.GetTimestamp();
        }
        catch (LedgerStoreException)
        {
            // Said by the connection. What others know cannot be known any more: each shows its own.
            if (_time.GetElapsedTime(_heardOf) > _presence && _nodes.Others.Live(new Dictionary<string, ByteString>()))
                _nodes.TellOfOthers();
        }
    }

    private async Task BePresentAsync(CancellationToken cancel)
    {
        var services = _nodes.Others.Services.ToList();
        var values = await _connection.AskAsync(
            async database =>
            {
                await database.StringSetAsync(StoreKeys.Replica(_service), _instance.ToByteArray(), _presence);
                return services.Count == 0 ? [] : await database.StringGetAsync([.. services.Select(StoreKeys.Replica)]);
            },
            cancel);
        var alive = services.Zip(values)
            .Where(pair => !pair.Second.IsNull)
            .ToDictionary(pair => pair.First, pair => ByteString.CopyFrom((byte[])pair.Second!));
        if (_nodes.Others.Live(alive))
            _nodes.TellOfOthers();
        _presentSince = _time.GetTimestamp();
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        var entries = await _connection.AskAsync(database => database.HashGetAllAsync(StoreKeys.Nodes), cancel);
        var news = false;
        var before = _nodes.Others.Services.Count;
        foreach (var entry in entries)
        {
            if (!TryOpen(entry.Name.ToString(), (byte[])entry.Value!, out var node))
                continue;
            if (node!.Status.Service == _service)
                _nodes.Remember(node.Status); // of this key service's life before
            else
                news |= _nodes.Others.Learn(node, alive: false);
        }

        if (news)
            _nodes.TellOfOthers();
        _readAt = _time.GetTimestamp();
        if (_nodes.Others.Services.Count != before)
            await BePresentAsync(cancel); // whether they live is not known yet
    }

    private async Task WriteAsync(CancellationToken cancel)
    {
        var due = _nodes.Local.Where(IsDue).ToList();
        // From here on streams end because this key service does, which says nothing of the nodes.
        if (due.Count == 0 || _stopping.IsCancellationRequested)
            return;
        var key = _keys.Current[0];
        var entries = due.ConvertAll(node =>
        {
            var field = StoreKeys.NodeField(_service, node.Name);
            return new HashEntry(field, SealedValue.Seal(key, NameOf(field), SharedNodeWire.ToBytes(node, _instance)));
        });
        await _connection.AskAsync(
            async database =>
            {
                await database.HashSetAsync(StoreKeys.Nodes, [.. entries]);
                return await database.KeyExpireAsync(StoreKeys.Nodes, s_kept);
            },
            cancel);
        foreach (var entry in entries)
            _connection.Tell(new StoreChange { Node = new() { Field = entry.Name.ToString(), Value = ByteString.CopyFrom((byte[])entry.Value!) } });
        foreach (var node in due)
            _written[node.Name] = (node, _time.GetTimestamp());
    }

    // Each change, but of heartbeats alone not each.
    private bool IsDue(NodeStatus node) =>
        !_written.TryGetValue(node.Name, out var written)
        || (!ReferenceEquals(written.Status, node) && (!IsMerelyHeard(written.Status, node) || IsDue(written.At, s_heartbeats)));

    private static bool IsMerelyHeard(NodeStatus former, NodeStatus node) =>
        former.Live == node.Live && former.ConnectedAt == node.ConnectedAt && former.AcknowledgedGeneration == node.AcknowledgedGeneration
        && ReferenceEquals(former.Profiles, node.Profiles);

    private bool IsDue(long since, TimeSpan interval) => since == 0 || _time.GetElapsedTime(since) >= interval;

    private void OnTold(StoreChange change)
    {
        if (change.Node is { } told && TryOpen(told.Field, told.Value.Span, out var node)
            && node!.Status.Service != _service && _nodes.Others.Learn(node, alive: true))
            _nodes.TellOfOthers();
    }

    // What cannot be opened is not believed; why it cannot is said for the ledger.
    private bool TryOpen(string field, ReadOnlySpan<byte> value, out SharedNode? node)
    {
        node = null;
        return SealedValue.Open(_keys.Current, NameOf(field), value, out var plain, out _) is Unsealed.Opened
            && SharedNodeWire.TryParse(plain, out node)
            && field == StoreKeys.NodeField(node.Status.Service, node.Status.Name);
    }

    private static string NameOf(string field) => $"{StoreKeys.Nodes} {field}";
}
