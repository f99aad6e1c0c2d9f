using System.Collections.Immutable;

namespace Reprise.Core.Keys;

/// <summary>
/// The key service's book of epochs. Immutable and pure: a transition takes <c>now</c> and gives the next ledger, with a
/// higher generation, or this one where there is nothing to do.
/// </summary>
/// <remarks>
/// What always holds: at most one epoch is staged and at most one active; numbers and generations only grow; every
/// epoch that has a secret has an <see cref="Epoch.OpenUntil"/>; the active epoch seals until its successor's
/// activation time, so there is no gap between them.
/// </remarks>
public sealed class EpochLedger
{
    // Destroyed epochs are kept for the record only: nodes drop what is absent.
    private const int DestroyedKept = 8;

    private EpochLedger(long generation, long knowsFrom, ImmutableArray<Epoch> epochs, PurgeNumbers purges)
    {
        Generation = generation;
        KnowsFrom = knowsFrom;
        Epochs = epochs;
        Purges = purges;
    }

    /// <summary>Grows with every change.</summary>
    public long Generation { get; }

    /// <summary>The first epoch number of this ledger; what came before is unknown to it. See <see cref="KeyRing.Adopt"/>.</summary>
    public long KnowsFrom { get; }

    /// <summary>Newest first.</summary>
    public ImmutableArray<Epoch> Epochs { get; }

    /// <summary>Which stored sessions count no more.</summary>
    public PurgeNumbers Purges { get; }

    /// <summary>The staged epoch, or null.</summary>
    public Epoch? Staged => Epochs.FirstOrDefault(epoch => epoch.State is EpochState.Staged);

    /// <summary>The active epoch, or null after its hard expiry.</summary>
    public Epoch? Active => Epochs.FirstOrDefault(epoch => epoch.State is EpochState.Active);

    /// <summary>A new book, with its first epoch active: nobody has to be waited for, as nobody holds another.</summary>
    /// <remarks>
    /// Epoch numbers and generations begin at the Unix time in milliseconds, so that both have grown when a service that
    /// stores nothing comes back: a rotation adds one and two to them, and takes longer than that.
    /// </remarks>
    public static EpochLedger Begin(DateTimeOffset now, EpochLifetimes lives, EpochSecret secret)
    {
        var number = now.ToUnixTimeMilliseconds();
        var sealUntil = lives.SealUntil(now);
        var first = new Epoch(number, EpochState.Active, now, now, sealUntil, sealUntil + lives.DecryptLife, secret);
        return new EpochLedger(generation: number, knowsFrom: number, [first], PurgeNumbers.None);
    }

    /// <summary>Adds a staged epoch: nodes open with it, nobody seals with it.</summary>
    /// <exception cref="InvalidOperationException">One is staged already.</exception>
    public EpochLedger Stage(DateTimeOffset now, EpochLifetimes lives, EpochSecret secret)
    {
        if (Staged is { } other)
            throw new InvalidOperationException($"Epoch {other.Number} is staged already.");
        // Its bound until it is activated; then it gets its own dates.
        var openUntil = lives.SealUntil(now) + lives.DecryptLife;
        var staged = new Epoch(Epochs.Max(epoch => epoch.Number) + 1, EpochState.Staged, now, null, null, openUntil, secret);
        return Next([staged, .. Epochs]);
    }

    /// <summary>Makes the staged epoch the active one, sealing from <paramref name="activatesAt"/> on, and retires the former.</summary>
    /// <exception cref="InvalidOperationException">None is staged.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The activation time is in the past.</exception>
    public EpochLedger Activate(DateTimeOffset now, DateTimeOffset activatesAt, EpochLifetimes lives)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(activatesAt, now);
        if (Staged is not { } staged)
            throw new InvalidOperationException("No epoch is staged.");
        var sealUntil = lives.SealUntil(activatesAt);
        return Next(Epochs.Select(epoch => epoch switch
        {
            _ when epoch.Number == staged.Number => epoch with
            {
                State = EpochState.Active,
                ActivatesAt = activatesAt,
                SealUntil = sealUntil,
                OpenUntil = sealUntil + lives.DecryptLife,
            },
            { State: EpochState.Active } => Retire(epoch, activatesAt, lives),
            _ => epoch,
        }));
    }

    /// <summary>Ends all stored sessions of a profile, or of <see cref="PurgeNumbers.AllProfiles"/>, that were sealed before this.</summary>
    public EpochLedger Purge(string profile, DateTimeOffset now) => new(Generation + 1, KnowsFrom, Epochs, Purges.Purge(profile, now));

    /// <summary>With the numbers that a node holds from a service before this one; this ledger where they are not news.</summary>
    public EpochLedger Learn(PurgeNumbers held)
    {
        var merged = Purges.Merge(held);
        return ReferenceEquals(merged, Purges) ? this : new EpochLedger(Generation + 1, KnowsFrom, Epochs, merged);
    }

    /// <summary>What time alone brings: retires an active epoch past its sealing, destroys those whose life is over.</summary>
    /// <remarks>The caller disposes the secrets that this ledger holds and the next one does not.</remarks>
    public EpochLedger Advance(DateTimeOffset now)
    {
        var changed = false;
        var epochs = new List<Epoch>(Epochs.Length);
        foreach (var epoch in Epochs)
        {
            var next = epoch.State is not EpochState.Destroyed && epoch.OpenUntil <= now ? Destroy(epoch)
                : epoch.State is EpochState.Active && epoch.SealUntil <= now ? epoch with { State = EpochState.Retired }
                : epoch;
            changed |= next != epoch;
            epochs.Add(next);
        }

        return changed ? Next(epochs) : this;
    }

    /// <summary>When <see cref="Advance"/> next has something to do, or null.</summary>
    public DateTimeOffset? NextChange()
    {
        DateTimeOffset? next = null;
        foreach (var epoch in Epochs)
        {
            var date = epoch.State switch
            {
                EpochState.Destroyed => null,
                EpochState.Active when epoch.SealUntil < epoch.OpenUntil => epoch.SealUntil,
                _ => epoch.OpenUntil,
            };
            if (date is not null && !(next <= date))
                next = date;
        }

        return next;
    }

    /// <summary>As it is pushed.</summary>
    public KeyRing ToRing() => new(Generation, Epochs, Purges);

    /// <summary>Generation and epoch numbers only.</summary>
    public override string ToString() => $"epoch ledger, {ToRing()}";

    private static Epoch Retire(Epoch epoch, DateTimeOffset successorAt, EpochLifetimes lives)
    {
        var sealUntil = epoch.SealUntil < successorAt ? epoch.SealUntil.Value : successorAt;
        // Shortening a life is what retiring is for; it never lengthens one.
        var openUntil = sealUntil + lives.DecryptLife;
        return epoch with
        {
            State = EpochState.Retired,
            SealUntil = sealUntil,
            OpenUntil = epoch.OpenUntil < openUntil ? epoch.OpenUntil : openUntil,
        };
    }

    private static Epoch Destroy(Epoch epoch) => epoch with { State = EpochState.Destroyed, Secret = null };

    private EpochLedger Next(IEnumerable<Epoch> epochs)
    {
        var destroyed = 0;
        return new EpochLedger(Generation + 1, KnowsFrom,
            [.. epochs.Where(epoch => epoch.State is not EpochState.Destroyed || ++destroyed <= DestroyedKept)], Purges);
    }
}
