namespace Reprise.Core.Keys;

// The life of epochs: staged, active, retired, destroyed; and revoked, from any of these.
public sealed partial class EpochLedger
{
    /// <summary>Adds a staged epoch: nodes open with it, nobody seals with it.</summary>
    /// <param name="now">The time.</param>
    /// <param name="lives">How long epochs live.</param>
    /// <param name="secret">Of the new one.</param>
    /// <param name="crowdOut">
    /// Where <see cref="MostLiving"/> epochs live: destroys the one that retired first, rather than refusing. For what must not fail.
    /// </param>
    /// <exception cref="InvalidOperationException">One is staged already, or <see cref="MostLiving"/> epochs live.</exception>
    public EpochLedger Stage(DateTimeOffset now, EpochLifetimes lives, EpochSecret secret, bool crowdOut = false)
    {
        if (Staged is { } other)
            throw new InvalidOperationException($"Epoch {other.Number} is staged already.");
        var crowded = Epochs.Count(epoch => epoch.Secret is not null) >= MostLiving;
        if (crowded && !crowdOut)
            throw new InvalidOperationException($"{MostLiving} epochs live already: rotate less often, or keep them for a shorter time.");
        // Its bound until it is activated; then it gets its own dates.
        var openUntil = lives.SealUntil(now) + lives.DecryptLife;
        var number = Math.Max(Epochs.Select(epoch => epoch.Number).DefaultIfEmpty().Max() + 1, now.ToUnixTimeMilliseconds());
        var staged = new Epoch(number, EpochState.Staged, now, null, null, openUntil, secret);
        var oldest = crowded ? Epochs.Last(epoch => epoch.State is EpochState.Retired) : null;
        return new EpochLedger(this, now) { Epochs = [staged, .. Epochs.Select(epoch => epoch == oldest ? Destroy(epoch) : epoch)], RotationWanted = false };
    }

    /// <summary>
    /// Makes the staged epoch the active one, sealing from <paramref name="activatesAt"/> on, and retires the former; or, if
    /// that is condemned, destroys it, and the staged one seals from now on.
    /// </summary>
    /// <exception cref="InvalidOperationException">None is staged.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The activation time is in the past.</exception>
    public EpochLedger Activate(DateTimeOffset now, DateTimeOffset activatesAt, EpochLifetimes lives)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(activatesAt, now);
        if (Staged is not { } staged)
            throw new InvalidOperationException("No epoch is staged.");
        if (Active is { Condemned: true })
            activatesAt = now;
        var sealUntil = lives.SealUntil(activatesAt);
        return Next(now, Epochs.Select(epoch => epoch switch
        {
            _ when epoch.Number == staged.Number => epoch with
            {
                State = EpochState.Active,
                ActivatesAt = activatesAt,
                SealUntil = sealUntil,
                OpenUntil = sealUntil + lives.DecryptLife,
            },
            { Condemned: true } => Destroy(epoch),
            { State: EpochState.Active } => Retire(epoch, activatesAt, lives),
            _ => epoch,
        }));
    }

    /// <summary>
    /// Destroys an epoch, unless it is the active one: that is condemned, goes on until a successor is activated, and is
    /// destroyed in the same moment.
    /// </summary>
    /// <remarks>The caller disposes the secrets that this ledger holds and the next one does not.</remarks>
    /// <exception cref="InvalidOperationException">There is no such epoch, or it is destroyed.</exception>
    public EpochLedger Revoke(long number, DateTimeOffset now)
    {
        var revoked = Find(number);
        if (revoked is null or { State: EpochState.Destroyed })
            throw new InvalidOperationException($"Epoch {number} is not there or destroyed.");
        if (revoked.State is EpochState.Active)
            return revoked.Condemned ? this : Next(now, Epochs.Select(epoch => epoch == revoked ? epoch with { Condemned = true } : epoch));
        return Next(now, Epochs.Select(epoch => epoch switch
        {
            _ when epoch == revoked => Destroy(epoch),
            // It was to go on until this one's time: that is now.
            { State: EpochState.Active } when epoch.ActivatesAt > now && revoked.Seals(now) => epoch with { ActivatesAt = now },
            _ => epoch,
        }));
    }

    /// <summary>What time alone brings: retires an active epoch past its sealing, destroys those whose life is over.</summary>
    /// <remarks>The caller disposes the secrets that this ledger holds and the next one does not.</remarks>
    public EpochLedger Advance(DateTimeOffset now)
    {
        var changed = false;
        var epochs = new List<Epoch>(Epochs.Length);
        foreach (var epoch in Epochs)
        {
            var next = IsOver(epoch, now) ? Destroy(epoch)
                // A condemned one whose successor did not come in time.
                : epoch.Condemned && epoch.SealUntil <= now ? Destroy(epoch)
                : epoch.State is EpochState.Active && epoch.SealUntil <= now ? epoch with { State = EpochState.Retired }
                : epoch;
            changed |= next != epoch;
            epochs.Add(next);
        }

        return changed ? Next(now, epochs) : this;
    }

    /// <summary>
    /// The same generation without the secrets whose life is over: what may be held where nothing may be changed. This
    /// ledger if there are none.
    /// </summary>
    public EpochLedger WithoutExpired(DateTimeOffset now) =>
        Epochs.Any(epoch => IsOver(epoch, now))
            ? new EpochLedger(this, now) { Generation = Generation, Epochs = [.. Epochs.Select(epoch => IsOver(epoch, now) ? Destroy(epoch) : epoch)] }
            : this;

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

    private static bool IsOver(Epoch epoch, DateTimeOffset now) => epoch.State is not EpochState.Destroyed && epoch.OpenUntil <= now;

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

    private static Epoch Destroy(Epoch epoch) => epoch with { State = EpochState.Destroyed, Secret = null, Condemned = false };

    private EpochLedger Next(DateTimeOffset now, IEnumerable<Epoch> epochs)
    {
        var destroyed = 0;
        return new EpochLedger(this, now)
        {
            Epochs = [.. epochs.Where(epoch => epoch.State is not EpochState.Destroyed || ++destroyed <= DestroyedKept)],
        };
    }
}
