using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Hosting;
using StackExchange.Redis;

namespace Reprise.KeyService.Store;

/// <summary>
/// The ledger in Redis, sealed, for all key services. It is changed in one transaction that holds only if the lease is this process's and the
/// stored ledger is byte for byte the one that the change was made from: so a leader that was asleep changes nothing any more.
/// What is stored is never more than a copy: each key service holds the ledger too, and writes it back where it is lost.
/// </summary>
/// <remarks>
/// No scripts, so that every server that speaks the protocol will do. <see cref="LedgerWatch"/> reads, restores and keeps the lease;
/// one thing is done at a time, but a reader of <see cref="Leads"/> waits for nothing.
/// </remarks>
internal sealed partial class RedisLedgerStore : ILedgerStore, IDisposable
{
    // So long a key service that finds nothing stored and knows nothing itself waits for one that does.
    private static readonly TimeSpan s_longestBeginning = TimeSpan.FromSeconds(2);

    private readonly StoreConnection _connection;
    private readonly KeyEncryptionKeys _keys;
    private readonly TimeProvider _time;
    private readonly ILogger<RedisLedgerStore> _logger;
    private readonly TimeSpan _leaseDuration;
    private readonly string _name;
    private readonly SemaphoreSlim _acting = new(1, 1);
    private readonly ChangeSignal _changed = new();
    private readonly ChangeSignal _woken = new();

    // What is stored, as last read or written; null: nothing.
    private byte[]? _stored;
    private long _storedGeneration = Unknown;
    private KeyEncryptionKey? _storedUnder;

    private const long Unknown = -1;

    public RedisLedgerStore(
        StoreConnection connection,
        KeyEncryptionKeys keys,
        IOptions<StoreOptions> options,
        IOptions<KeyServiceOptions> service,
        TimeProvider time,
        ILogger<RedisLedgerStore> logger)
    {
        _connection = connection;
        _keys = keys;
        _time = time;
        _logger = logger;
        _leaseDuration = options.Value.LeaseDuration;
        _name = service.Value.Name;
        Instance = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(16));
        connection.Told += OnTold;
    }

    /// <summary>Tells this process from another of the same name, before or after it.</summary>
    public ByteString Instance { get; }

    /// <summary>Why what is stored cannot be opened; null: it can, or there is nothing.</summary>
    public string? Unreadable { get; private set; }

    public Task Changed => _changed.Next;

    /// <summary>Completes when there may be something to read; see <see cref="ChangeSignal"/>.</summary>
    public Task Woken => _woken.Next;

    public async Task CommitAsync(EpochLedger former, EpochLedger next, CancellationToken cancellationToken)
    {
        await _acting.WaitAsync(cancellationToken);
        try
        {
            if (!Leads)
                throw new NotLeadingException();
            if (_storedGeneration != former.Generation)
                throw ReadAgain("the stored ledger is another one");
            await WriteAsync(next, leading: true, cancellationToken);
        }
        finally
        {
            _acting.Release();
        }

        _connection.Tell(new StoreChange { Generation = next.Generation });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Told -= OnTold;
        _acting.Dispose();
    }

    // In the place of what is known to be stored.
    private async Task WriteAsync(EpochLedger ledger, bool leading, CancellationToken cancel)
    {
        var key = _keys.Current[0];
        var value = Seal(key, ledger);
        ConditionResult? leads = null;
        bool written;
        try
        {
            written = await _connection.AskAsync(
                database =>
                {
                    var transaction = database.CreateTransaction();
                    if (leading)
                        leads = transaction.AddCondition(Condition.StringEqual(StoreKeys.Leader, _lease));
                    transaction.AddCondition(_stored is null ? Condition.KeyNotExists(StoreKeys.Ledger) : Condition.StringEqual(StoreKeys.Ledger, _stored));
                    _ = transaction.StringSetAsync(StoreKeys.Ledger, value);
                    return transaction.ExecuteAsync();
                },
                cancel);
        }
        catch (Exception fault) when (fault is LedgerStoreException or OperationCanceledException)
        {
            // It may have been written, or may yet be: nothing is built on it before it has been read.
            Distrust();
            throw;
        }

        if (!written && leads is { WasSatisfied: false })
        {
            LoseLease();
            throw new NotLeadingException();
        }

        if (!written)
            throw ReadAgain("the stored ledger has been changed meanwhile");
        (_stored, _storedGeneration, _storedUnder) = (value, ledger.Generation, key);
    }

    private static byte[] Seal(KeyEncryptionKey key, EpochLedger ledger)
    {
        var plain = LedgerWire.ToBytes(ledger);
        try
        {
            return SealedValue.Seal(key, StoreKeys.Ledger, plain);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private LedgerStoreException ReadAgain(string reason)
    {
        Distrust();
        return new LedgerStoreException($"{reason}; it is being read, try again");
    }

    private void Distrust()
    {
        _storedGeneration = Unknown;
        _woken.Raise();
    }

    private void OnTold(StoreChange change)
    {
        if (change.ChangeCase is StoreChange.ChangeOneofCase.Generation or StoreChange.ChangeOneofCase.Released)
            _woken.Raise();
    }
}
