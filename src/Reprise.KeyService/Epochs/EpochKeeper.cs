using Microsoft.Extensions.Options;
using Reprise.Core.Keys;
using Reprise.KeyService.Rotation;

namespace Reprise.KeyService.Epochs;

/// <summary>
/// Holds the ledger of epochs, in memory only: the first epoch is active from the start, and all are zeroed at the end.
/// Readers take a snapshot; changes come one after the other.
/// </summary>
internal sealed partial class EpochKeeper : IDisposable
{
    private readonly EpochLifetimes _lives;
    private readonly TimeProvider _time;
    private readonly ILogger<EpochKeeper> _logger;
    private readonly ChangeSignal _changed = new();
    private readonly Lock _changing = new();
    private volatile EpochLedger _ledger;

    public EpochKeeper(IOptions<RotationOptions> options, TimeProvider time, ILogger<EpochKeeper> logger)
    {
        _lives = new EpochLifetimes(options.Value.Interval, options.Value.DecryptLife);
        _time = time;
        _logger = logger;
        _ledger = EpochLedger.Begin(time.GetUtcNow(), _lives, EpochSecret.Create());
        Log.Began(logger, _ledger.KnowsFrom, _ledger.Generation);
    }

    public EpochLedger Current => _ledger;

    /// <summary>Completes at the next change; see <see cref="ChangeSignal"/>.</summary>
    public Task Changed => _changed.Next;

    /// <summary>Stages a new epoch; or, where a rotation that failed has left one staged, gives the ledger with that.</summary>
    public EpochLedger Stage()
    {
        lock (_changing)
        {
            return _ledger.Staged is not null ? _ledger : Publish(_ledger.Stage(_time.GetUtcNow(), _lives, EpochSecret.Create()));
        }
    }

    /// <summary>Activates the staged epoch after this delay.</summary>
    public EpochLedger Activate(TimeSpan delay)
    {
        lock (_changing)
        {
            var now = _time.GetUtcNow();
            return Publish(_ledger.Activate(now, now + delay, _lives));
        }
    }

    /// <summary>Ends the stored sessions of a profile, or of <see cref="PurgeNumbers.AllProfiles"/>.</summary>
    public EpochLedger Purge(string profile)
    {
        lock (_changing)
        {
            return Publish(_ledger.Purge(profile, _time.GetUtcNow()));
        }
    }

    /// <summary>Takes over what a node knows of purges by a service before this one.</summary>
    public void Learn(PurgeNumbers held, string node)
    {
        lock (_changing)
        {
            var former = _ledger;
            var learned = former.Learn(held);
            if (!ReferenceEquals(Publish(learned), former))
                Log.Learned(_logger, node, learned.Generation);
        }
    }

    /// <summary>Does what time demands: retires and destroys.</summary>
    public EpochLedger Advance()
    {
        lock (_changing)
        {
            return Publish(_ledger.Advance(_time.GetUtcNow()));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_changing)
        {
            foreach (var epoch in _ledger.Epochs)
                epoch.Secret?.Dispose();
        }
    }

    private EpochLedger Publish(EpochLedger next)
    {
        var former = _ledger;
        if (ReferenceEquals(next, former))
            return former;
        _ledger = next;
        foreach (var epoch in former.Epochs)
        {
            var state = next.Epochs.FirstOrDefault(after => after.Number == epoch.Number)?.State ?? EpochState.Destroyed;
            if (state != epoch.State)
                Log.Moved(_logger, epoch.Number, epoch.State, state, next.Generation);
            // After publication: whoever meets a zeroed secret finds a newer ledger.
            if (state is EpochState.Destroyed)
                epoch.Secret?.Dispose();
        }

        _changed.Raise();
        return next;
    }

    // Event ids 4030-4039.
    private static partial class Log
    {
        [LoggerMessage(4032, LogLevel.Information, "Node {Node} knew of purges that were unknown here: in generation {Generation}")]
        public static partial void Learned(ILogger logger, string node, long generation);

        [LoggerMessage(4030, LogLevel.Information, "Began with epoch {Epoch}, generation {Generation}: nothing is stored, so nodes may hold epochs that are unknown here")]
        public static partial void Began(ILogger logger, long epoch, long generation);

        [LoggerMessage(4031, LogLevel.Information, "Epoch {Epoch}: {From} to {To} in generation {Generation}")]
        public static partial void Moved(ILogger logger, long epoch, EpochState from, EpochState to, long generation);
    }
}
