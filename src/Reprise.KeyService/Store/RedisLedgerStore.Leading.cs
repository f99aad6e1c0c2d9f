using Google.Protobuf;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Epochs;
using StackExchange.Redis;

namespace Reprise.KeyService.Store;

// The lease.
internal sealed partial class RedisLedgerStore
{
    private byte[] _lease = []; // this process's value of it; empty until its address is known
    private long _leaseFrom; // timestamp of the last word that took or kept it, before it was sent; 0: not held
    private long _settlingFrom; // 0: not settling
    private bool _leaseIsFree;
    private bool _leaving;
    private volatile Leader? _leader;
    private (bool Leads, Leader? Leader) _said;

    /// <summary>Counted from before the word was sent: over here no later than there.</summary>
    public bool Leads => HoldsLease && !Settles && Unreadable is null;

    public Leader? Leader => HoldsLease || _leader?.Name != _name ? _leader : null;

    private bool HoldsLease => Volatile.Read(ref _leaseFrom) is not 0 and var from && _time.GetElapsedTime(from) < _leaseDuration;

    private bool Settles => Volatile.Read(ref _settlingFrom) is not 0 and var from && _time.GetElapsedTime(from) < _leaseDuration;

    /// <summary>
    /// Whether a new ledger may be begun: nothing is stored, nothing was for long enough that whoever holds one would have written it back, and
    /// this key service leads.
    /// </summary>
    public bool MayBegin
    {
        get
        {
            var wait = _leaseDuration < s_longestBeginning ? _leaseDuration : s_longestBeginning;
            return Leads && _emptySince != 0 && _time.GetElapsedTime(_emptySince) >= wait;
        }
    }

    /// <summary>Keeps the lease, or takes it if it is free. After <see cref="ReadAsync"/>.</summary>
    /// <param name="address">HOST:PORT at which others reach this key service; null: not known yet, so it cannot lead.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether the lease was taken now: then the ledger has to be read once more, which the former leader may have changed.</returns>
    /// <exception cref="LedgerStoreException">The store failed.</exception>
    public async Task<bool> LeadAsync(string? address, CancellationToken cancellationToken)
    {
        await _acting.WaitAsync(cancellationToken);
        try
        {
            if (_lease.Length == 0 && address is not null)
                _lease = new Lease { Name = _name, Address = address, Instance = Instance }.ToByteArray();
            if (_leaving || _lease.Length == 0)
                return false;
            if (Unreadable is not null)
            {
                // One that can open it shall lead.
                await ReleaseAsync(cancellationToken);
                return false;
            }

            if (!_leaseIsFree)
            {
                await ExtendAsync(cancellationToken);
                return false;
            }

            return await TakeAsync(cancellationToken);
        }
        finally
        {
            _acting.Release();
        }
    }

    /// <summary>Gives the lease back and does not take it any more.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await _acting.WaitAsync(cancellationToken);
        try
        {
            _leaving = true;
            await ReleaseAsync(cancellationToken);
        }
        finally
        {
            _acting.Release();
        }
    }

    /// <summary>Lets others know of what has changed meanwhile, be it by time alone.</summary>
    public void Say()
    {
        var (leads, leader) = (Leads, Leader);
        var former = _said;
        _said = (leads, leader);
        if (leads && !former.Leads)
            Log.Leads(_logger);
        if (!leads && former.Leads)
            Log.LeadsNoMore(_logger);
        if (_said != former)
            _changed.Raise();
    }

    /// <summary>The store has not been heard of for long: whoever led may do so no more.</summary>
    public void Forget() => _leader = null;

    private void SeeLease(byte[]? lease)
    {
        _leaseIsFree = lease is null;
        _leader = lease is null ? null : Parse(lease);
        if (lease is null || !lease.AsSpan().SequenceEqual(_lease))
            LoseLease();
        else if (Volatile.Read(ref _leaseFrom) == 0)
            _leaseFrom = 1; // taken by a word whose answer was lost, and long over by this count: kept by the next one
    }

    private async Task ExtendAsync(CancellationToken cancel)
    {
        if (Volatile.Read(ref _leaseFrom) == 0)
            return;
        var from = _time.GetTimestamp();
        if (await _connection.AskAsync(database => database.LockExtendAsync(StoreKeys.Leader, _lease, _leaseDuration), cancel))
            Volatile.Write(ref _leaseFrom, from);
        else
            LoseLease();
    }

    private async Task<bool> TakeAsync(CancellationToken cancel)
    {
        var from = _time.GetTimestamp();
        if (!await _connection.AskAsync(database => database.LockTakeAsync(StoreKeys.Leader, _lease, _leaseDuration), cancel))
            return false;
        // The connection was broken not long ago: the store may have lost what it held, and another key service may hold more.
        if (_brokenAt != 0 && _time.GetElapsedTime(_brokenAt) < 2 * _leaseDuration)
            Settle();
        _storedGeneration = Unknown;
        _leader = Parse(_lease);
        Volatile.Write(ref _leaseFrom, from);
        return true;
    }

    private async Task ReleaseAsync(CancellationToken cancel)
    {
        if (Volatile.Read(ref _leaseFrom) == 0)
            return;
        LoseLease();
        _leader = null;
        if (await _connection.AskAsync(database => database.LockReleaseAsync(StoreKeys.Leader, _lease), cancel))
            _connection.Tell(new StoreChange { Released = true });
    }

    private void LoseLease() => Volatile.Write(ref _leaseFrom, 0);

    private void Settle() => Volatile.Write(ref _settlingFrom, _time.GetTimestamp());

    private static Leader? Parse(byte[] lease)
    {
        try
        {
            var wire = Lease.Parser.ParseFrom(lease);
            return wire.Name.Length > 0 && wire.Address.Length > 0 ? new Leader(wire.Name, wire.Address) : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
