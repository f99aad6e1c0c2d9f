using Microsoft.Extensions.Options;
using Reprise.Core.Keys;
using Reprise.KeyService.Rotation;

namespace Reprise.KeyService.Epochs;

/// <summary>
/// Holds the ledger of this moment. Readers take a snapshot; changes come one after the other, and are published when the
/// store has them and not before. All secrets are zeroed at the end.
/// </summary>
internal sealed partial class EpochKeeper : IDisposable
{
    private readonly ILedgerStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<EpochKeeper> _logger;
    private readonly ChangeSignal _changed = new();
    private readonly SemaphoreSlim _changing = new(1, 1);
    private volatile EpochLedger _ledger = EpochLedger.None;
    private long _publishedAt;

    public EpochKeeper(ILedgerStore store, IOptions<RotationOptions> options, TimeProvider time, ILogger<EpochKeeper> logger)
    {
        Lives = new EpochLifetimes(options.Value.Interval, options.Value.DecryptLife);
        _store = store;
        _time = time;
        _logger = logger;
    }

    /// <summary>How long epochs live.</summary>
    public EpochLifetimes Lives { get; }

    /// <summary><see cref="EpochLedger.None"/> until the first was made or read.</summary>
    public EpochLedger Current => _ledger;

    /// <summary>When <see cref="Current"/> became that.</summary>
    public DateTimeOffset PublishedAt => new(Interlocked.Read(ref _publishedAt), TimeSpan.Zero);

    /// <summary>Completes at the next change; see <see cref="ChangeSignal"/>.</summary>
    public Task Changed => _changed.Next;

    /// <summary>Begins a ledger where there is none.</summary>
    /// <inheritdoc cref="ILedgerStore.CommitAsync" path="/exception"/>
    public Task<EpochLedger> BeginAsync(CancellationToken cancellationToken) => ChangeAsync(
        (ledger, now) => ledger.Generation == 0 ? EpochLedger.Begin(now, Lives, EpochSecret.Create()) : ledger, cancellationToken);

    /// <summary>Makes a change: gives the ledger after it, committed.</summary>
    /// <param name="change">From the ledger and the time of now to the next ledger; the same one: there is nothing to do.</param>
    /// <param name="cancellationToken">Ends the waiting; the change may have been made.</param>
    /// <inheritdoc cref="ILedgerStore.CommitAsync" path="/exception"/>
    public async Task<EpochLedger> ChangeAsync(Func<EpochLedger, DateTimeOffset, EpochLedger> change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            var former = _ledger;
            if (!_store.Leads)
                throw new NotLeadingException();
            var next = change(former, _time.GetUtcNow());
            if (ReferenceEquals(next, former))
                return former;
            try
            {
                await _store.CommitAsync(former, next, cancellationToken);
            }
            catch
            {
                EpochSecret.DisposeAll(next.SecretsNotIn(former));
                throw;
            }

            return Publish(next);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Takes over a ledger that was read from the store, if it is a later one. Its secrets are this object's from here on.</summary>
    public async Task FollowAsync(EpochLedger stored, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (stored.Generation <= _ledger.Generation)
                EpochSecret.DisposeAll(stored.SecretsNotIn(_ledger));
            else
                Publish(stored);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>
    /// Does what time demands: retires and destroys. Where this key service may not, it holds at least no secret longer than
    /// that lives.
    /// </summary>
    public async Task AdvanceAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_store.Leads)
                await ChangeAsync((ledger, now) => ledger.Advance(now), cancellationToken);
        }
        catch (Exception fault) when (fault is NotLeadingException or LedgerStoreException)
        {
            // Who leads does it.
        }

        await _changing.WaitAsync(cancellationToken);
        try
        {
            Publish(_ledger.WithoutExpired(_time.GetUtcNow()));
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        EpochSecret.DisposeAll(_ledger.SecretsNotIn(EpochLedger.None));
        _changing.Dispose();
    }

    private EpochLedger Publish(EpochLedger next)
    {
        var former = _ledger;
        if (ReferenceEquals(next, former))
            return former;
        if (next.Generation != former.Generation)
            Interlocked.Exchange(ref _publishedAt, _time.GetUtcNow().Ticks);
        _ledger = next;
        if (former.Generation == 0)
            Log.Began(_logger, next.Generation, next.Epochs.Length, next.KnowsFrom);
        foreach (var epoch in former.Epochs)
        {
            var state = next.Find(epoch.Number)?.State ?? EpochState.Destroyed;
            if (state != epoch.State)
                Log.Moved(_logger, epoch.Number, epoch.State, state, next.Generation);
        }

        // After publication: whoever meets a zeroed secret finds a newer ledger.
        EpochSecret.DisposeAll(former.SecretsNotIn(next));
        _changed.Raise();
        return next;
    }

    // Event ids 4030-4039.
    private static partial class Log
    {
        [LoggerMessage(4030, LogLevel.Information, "Generation {Generation} with {Epochs} epochs; nodes may hold epochs before {KnowsFrom} that are unknown here")]
        public static partial void Began(ILogger logger, long generation, int epochs, long knowsFrom);

        [LoggerMessage(4031, LogLevel.Information, "Epoch {Epoch}: {From} to {To} in generation {Generation}")]
        public static partial void Moved(ILogger logger, long epoch, EpochState from, EpochState to, long generation);
    }
}
