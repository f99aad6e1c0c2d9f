using System.Security.Cryptography;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Epochs;
using StackExchange.Redis;

namespace Reprise.KeyService.Store;

// What is stored: reading it, writing back what was lost, sealing it anew.
internal sealed partial class RedisLedgerStore
{
    private string? _saidUnreadable;
    private int _breaks = -1; // of the connection, when it was last read; -1: never yet
    private long _brokenAt; // timestamp of the first reading after the last one; 0: there was none
    private long _emptySince; // timestamp of the first reading that found nothing stored; 0: something is

    /// <summary>Reads the ledger and who leads.</summary>
    /// <param name="known">What this key service holds.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The stored ledger, if it is a later one: its secrets are the caller's. Else null.</returns>
    /// <exception cref="LedgerStoreException">The store failed.</exception>
    public async Task<EpochLedger?> ReadAsync(EpochLedger known, CancellationToken cancellationToken)
    {
        await _acting.WaitAsync(cancellationToken);
        try
        {
            var (stored, lease) = await _connection.AskAsync(
                async database =>
                {
                    var values = await database.StringGetAsync([StoreKeys.Ledger, StoreKeys.Leader]);
                    return ((byte[]?)values[0], (byte[]?)values[1]);
                },
                cancellationToken);
            SeeBreaks();
            SeeLease(lease);
            return Take(stored, known);
        }
        finally
        {
            _acting.Release();
        }
    }

    /// <summary>Writes back what this key service holds, if the store holds nothing or an earlier ledger.</summary>
    /// <returns>Whether it was written.</returns>
    /// <exception cref="LedgerStoreException">The store failed, or another has written meanwhile.</exception>
    public async Task<bool> RestoreAsync(EpochLedger known, CancellationToken cancellationToken)
    {
        await _acting.WaitAsync(cancellationToken);
        try
        {
            if (Unreadable is not null || _storedGeneration == Unknown || _storedGeneration >= known.Generation)
                return false;
            await WriteAsync(known, leading: false, cancellationToken);
            // Another may hold a still later one, and has not come back to the store yet.
            Settle();
        }
        finally
        {
            _acting.Release();
        }

        Log.Restored(_logger, known.Generation);
        _connection.Tell(new StoreChange { Generation = known.Generation });
        return true;
    }

    /// <summary>Seals the ledger under the key of now, where it is sealed under the older one: so that this can be taken away.</summary>
    /// <exception cref="LedgerStoreException">The store failed, or another has written meanwhile.</exception>
    /// <exception cref="NotLeadingException">Another leads.</exception>
    public async Task ResealAsync(EpochLedger known, CancellationToken cancellationToken)
    {
        await _acting.WaitAsync(cancellationToken);
        try
        {
            if (!Leads || _stored is null || _storedGeneration != known.Generation || _storedUnder!.Is(_keys.Current[0]))
                return;
            await WriteAsync(known, leading: true, cancellationToken);
            Log.Resealed(_logger, _storedUnder);
        }
        finally
        {
            _acting.Release();
        }
    }

    private void SeeBreaks()
    {
        if (_breaks == _connection.Breaks)
            return;
        // What was tried before the first answer was no connection that broke: nothing was known of the store that it could have lost.
        if (_breaks >= 0)
            _brokenAt = _time.GetTimestamp();
        _breaks = _connection.Breaks;
    }

    private EpochLedger? Take(byte[]? stored, EpochLedger known)
    {
        if (stored is null)
        {
            (_stored, _storedGeneration, _storedUnder) = (null, 0, null);
            if (_emptySince == 0)
                _emptySince = _time.GetTimestamp();
            SayReadable();
            return null;
        }

        _emptySince = 0;
        if (_storedGeneration != Unknown && stored.AsSpan().SequenceEqual(_stored) && _storedGeneration <= known.Generation)
            return null;
        if (!TryOpen(stored, out var ledger, out var reason))
        {
            SayUnreadable(reason!);
            return null;
        }

        SayReadable();
        (_stored, _storedGeneration) = (stored, ledger!.Generation);
        if (ledger.Generation > known.Generation)
            return ledger;
        EpochSecret.DisposeAll(ledger.SecretsNotIn(EpochLedger.None));
        return null;
    }

    private bool TryOpen(byte[] stored, out EpochLedger? ledger, out string? reason)
    {
        ledger = null;
        var unsealed = SealedValue.Open(_keys.Current, StoreKeys.Ledger, stored, out var plain, out var key);
        try
        {
            reason = unsealed switch
            {
                Unsealed.Opened => LedgerWire.TryParse(plain, out ledger, out var why) ? null : why,
                Unsealed.Truncated => "it is truncated",
                Unsealed.UnknownFormat => "a later version of this software has written it",
                Unsealed.UnknownKey => "it is sealed under a key that was not given",
                _ => "it has been tampered with",
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }

        if (reason is null)
            _storedUnder = key;
        return reason is null;
    }

    private void SayUnreadable(string reason)
    {
        // Nothing may be built on it, or put in its place: it may hold what this key service knows nothing of.
        _storedGeneration = Unknown;
        Unreadable = reason;
        if (_saidUnreadable != reason)
            Log.Unreadable(_logger, reason, StoreKeys.Ledger);
        _saidUnreadable = reason;
    }

    private void SayReadable()
    {
        Unreadable = null;
        if (_saidUnreadable is not null)
            Log.Readable(_logger);
        _saidUnreadable = null;
    }

    // Event ids 4220-4229.
    private static partial class Log
    {
        [LoggerMessage(4220, LogLevel.Warning, "Key store: held nothing or an earlier ledger; generation {Generation} was written back from memory")]
        public static partial void Restored(ILogger logger, long generation);

        [LoggerMessage(4221, LogLevel.Information, "Key store: the ledger is sealed under {Key} now; an older key is no longer needed for it")]
        public static partial void Resealed(ILogger logger, KeyEncryptionKey key);

        [LoggerMessage(4222, LogLevel.Error, "Key store: the stored ledger cannot be opened: {Reason}. This key service serves what it holds, changes nothing and is not ready. "
            + "Give it the key-encryption key that the others have; or, if none has it any more, delete {Key} in Redis, which is never overwritten by itself")]
        public static partial void Unreadable(ILogger logger, string reason, string key);

        [LoggerMessage(4223, LogLevel.Information, "Key store: the stored ledger can be opened again")]
        public static partial void Readable(ILogger logger);

        [LoggerMessage(4224, LogLevel.Information, "Key store: this key service leads")]
        public static partial void Leads(ILogger logger);

        [LoggerMessage(4225, LogLevel.Warning, "Key store: this key service no longer leads")]
        public static partial void LeadsNoMore(ILogger logger);
    }
}
