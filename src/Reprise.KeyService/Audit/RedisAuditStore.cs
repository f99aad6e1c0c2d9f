using System.Globalization;
using Google.Protobuf;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Store;
using StackExchange.Redis;

namespace Reprise.KeyService.Audit;

/// <summary>
/// A capped stream in Redis whose IDs are the sequence numbers: the server takes each number once, so that of two key services which append
/// at the same time one links to the other. Where the server knows no streams (Microsoft.Garnet) it is a capped list.
/// </summary>
internal sealed class RedisAuditStore(StoreConnection connection) : IAuditStore
{
    private const string Field = "e";

    // Other key services append too, but not so often.
    private const int MostAttempts = 32;

    // What this process has last kept or read: the chain goes on from it if the store has lost its own.
    private AuditEntry? _known;
    private volatile bool _isList;

    public async Task<AuditEntry> AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var stored = await NewestAsync(cancellationToken);
            var linked = AuditChain.Link(entry.Clone(), stored is null || _known?.Sequence > stored.Sequence ? _known : stored);
            if (!await (_isList ? PushAsync(linked, stored, cancellationToken) : AddAsync(linked, cancellationToken)))
                continue;
            _known = linked;
            return linked;
        }

        throw new LedgerStoreException("others append to the audit without end");
    }

    public async Task<IReadOnlyList<AuditEntry>> ReadAsync(long after, int most, CancellationToken cancellationToken)
    {
        if (await NewestAsync(cancellationToken) is not { } newest || newest.Sequence <= after)
            return [];
        return _isList ? await RangeAsync(newest.Sequence - after, after, most, cancellationToken) : await StreamAsync(after, most, cancellationToken);
    }

    public async Task<AuditEntry?> NewestAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var newest = await connection.AskAsync(database => _isList ? LastOfListAsync(database) : LastOfStreamAsync(database), cancellationToken);
                if (newest is not null && !(_known?.Sequence > newest.Sequence))
                    _known = newest;
                return newest;
            }
            catch (NoStreamsException)
            {
                _isList = true;
            }
        }
    }

    private static async Task<AuditEntry?> LastOfStreamAsync(IDatabase database)
    {
        try
        {
            var last = await database.StreamRangeAsync(StoreKeys.Audit, count: 1, messageOrder: Order.Descending);
            return last.Length == 0 ? null : Parse(last[0]);
        }
        catch (RedisServerException fault) when (fault.Message.Contains("unknown command", StringComparison.OrdinalIgnoreCase))
        {
            throw new NoStreamsException();
        }
    }

    private static async Task<AuditEntry?> LastOfListAsync(IDatabase database) =>
        await database.ListGetByIndexAsync(StoreKeys.Audit, -1) is { IsNull: false } last ? Parse(last) : null;

    // False: another has taken the number.
    private Task<bool> AddAsync(AuditEntry entry, CancellationToken cancel) => connection.AskAsync(
        async database =>
        {
            try
            {
                await database.StreamAddAsync(
                    StoreKeys.Audit, Field, entry.ToByteArray(), $"{entry.Sequence}-0", maxLength: IAuditStore.MostKept, useApproximateMaxLength: true);
                return true;
            }
            catch (RedisServerException fault) when (fault.Message.Contains("equal or smaller", StringComparison.Ordinal))
            {
                return false;
            }
        },
        cancel);

    // False: another has been faster.
    private Task<bool> PushAsync(AuditEntry entry, AuditEntry? stored, CancellationToken cancel) => connection.AskAsync(
        database =>
        {
            var transaction = database.CreateTransaction();
            transaction.AddCondition(stored is null ? Condition.KeyNotExists(StoreKeys.Audit) : Condition.ListIndexEqual(StoreKeys.Audit, -1, stored.ToByteArray()));
            _ = transaction.ListRightPushAsync(StoreKeys.Audit, entry.ToByteArray());
            _ = transaction.ListTrimAsync(StoreKeys.Audit, -IAuditStore.MostKept, -1);
            return transaction.ExecuteAsync();
        },
        cancel);

    private Task<IReadOnlyList<AuditEntry>> StreamAsync(long after, int most, CancellationToken cancel) => connection.AskAsync<IReadOnlyList<AuditEntry>>(
        async database => [.. (await database.StreamRangeAsync(StoreKeys.Audit, $"{after + 1}-0", count: most)).Select(Parse)], cancel);

    // Numbers may have gaps, so there are at most so many later ones.
    private Task<IReadOnlyList<AuditEntry>> RangeAsync(long later, long after, int most, CancellationToken cancel) => connection.AskAsync<IReadOnlyList<AuditEntry>>(
        async database =>
        {
            var entries = await database.ListRangeAsync(StoreKeys.Audit, -Math.Min(later, IAuditStore.MostKept), -1);
            return [.. entries.Select(value => Parse(value)).Where(entry => entry.Sequence > after).Take(most)];
        },
        cancel);

    // Its number is where it stands, whatever it says itself: one that somebody else has put there has a hash that is wrong.
    private static AuditEntry Parse(StreamEntry stored)
    {
        var entry = Parse(stored[Field]);
        if (long.TryParse(stored.Id.ToString().Split('-')[0], CultureInfo.InvariantCulture, out var number))
            entry.Sequence = number;
        return entry;
    }

    // What is not an entry was not written by us.
    private static AuditEntry Parse(RedisValue value)
    {
        try
        {
            return AuditEntry.Parser.ParseFrom((byte[]?)value ?? []);
        }
        catch (InvalidProtocolBufferException)
        {
            return new AuditEntry { Detail = "not an audit entry" };
        }
    }

    private sealed class NoStreamsException : Exception;
}
