namespace Reprise.Core.Keys;

public sealed partial class KeyRing
{
    /// <summary>What a node holds after it was pushed <paramref name="pushed"/> while it held <paramref name="held"/>.</summary>
    /// <remarks>
    /// The push decides for every epoch that the key service knows of. The epochs that it does not know, numbered below
    /// <paramref name="knowsFrom"/>, are those of a service that was restarted with nothing stored: dropping them would
    /// cost every client a full handshake at once, so the node goes on opening with them, to the end of the life they
    /// were given and not a moment longer, and stops to seal with them when a pushed epoch is active. That they might
    /// have been revoked meanwhile is the service's to say: by naming them, or by a lower <paramref name="knowsFrom"/>.
    /// <para>Purge numbers and switches never go back: a service that was restarted does not know of them until a node tells it.</para>
    /// <para>Secrets that both sides have stay the held objects, so that keys being derived from them now are not lost;
    /// the caller disposes those that are in neither result (<see cref="SecretsNotIn"/>).</para>
    /// </remarks>
    /// <param name="held">The ring so far, or null.</param>
    /// <param name="pushed">The ring from the key service.</param>
    /// <param name="knowsFrom">The first epoch number of the key service's memory.</param>
    /// <param name="now">The node's clock.</param>
    /// <exception cref="ArgumentException">A kept epoch and a pushed one share a secret.</exception>
    public static KeyRing Adopt(KeyRing? held, KeyRing pushed, long knowsFrom, DateTimeOffset now)
    {
        var epochs = new List<Epoch>(pushed.Epochs.Count);
        foreach (var epoch in pushed.Epochs)
            epochs.Add(WithHeldSecret(epoch, held?.Find(epoch.Number)));
        if (held is not null)
        {
            var successor = FirstActivation(pushed);
            foreach (var epoch in held.Epochs)
            {
                if (epoch.Number < knowsFrom && epoch.State is not EpochState.Destroyed && pushed.Find(epoch.Number) is null)
                    epochs.Add(Orphaned(epoch, successor));
            }
        }

        var purges = pushed.Purges.Merge(held?.Purges ?? PurgeNumbers.None);
        var switches = pushed.Switches.Merge(held?.Switches ?? ResumptionSwitches.None);
        return new KeyRing(pushed.Generation, epochs, purges, switches).Expire(now);
    }

    /// <summary>The same generation with every epoch destroyed whose life is over; this ring if there is none.</summary>
    public KeyRing Expire(DateTimeOffset now)
    {
        var expired = false;
        foreach (var epoch in Epochs)
            expired |= IsOver(epoch, now);
        if (!expired)
            return this;
        return new KeyRing(Generation, Epochs.Select(epoch =>
            IsOver(epoch, now) ? epoch with { State = EpochState.Destroyed, Secret = null } : epoch), Purges, Switches);
    }

    /// <summary>When the next secret must be gone, or null.</summary>
    public DateTimeOffset? NextExpiry()
    {
        DateTimeOffset? next = null;
        foreach (var epoch in Epochs)
        {
            if (epoch.Secret is not null && epoch.OpenUntil is { } until && !(next <= until))
                next = until;
        }

        return next;
    }

    /// <summary>The secrets of this ring, by identity, that the other does not hold: what to zero after a change.</summary>
    public IEnumerable<EpochSecret> SecretsNotIn(KeyRing? other) => EpochSecret.NotHeld(Epochs, other?.Epochs ?? []);

    /// <summary>Generation and epoch numbers only.</summary>
    public override string ToString() =>
        $"key ring {Generation}: {string.Join(", ", Epochs.Select(epoch => $"{epoch.Number} {epoch.State}"))}";

    private static bool IsOver(Epoch epoch, DateTimeOffset now) =>
        epoch.State is not EpochState.Destroyed && epoch.OpenUntil <= now;

    private static Epoch WithHeldSecret(Epoch pushed, Epoch? held) =>
        pushed.Secret is { } secret && held?.Secret is { } same && secret.FixedTimeEquals(same) ? pushed with { Secret = same } : pushed;

    private static DateTimeOffset? FirstActivation(KeyRing ring) =>
        ring.Epochs.Where(epoch => epoch.State is EpochState.Active or EpochState.Retired).Min(epoch => epoch.ActivatesAt);

    // As the lost service itself would have retired it: it keeps its decrypt life, counted from the successor's activation.
    private static Epoch Orphaned(Epoch epoch, DateTimeOffset? successor)
    {
        if (successor is not { } at)
            return epoch;
        if (epoch.SealUntil is not { } sealUntil)
            return epoch with { State = EpochState.Retired };
        if (at >= sealUntil)
            return epoch with { State = EpochState.Retired };
        return epoch with { State = EpochState.Retired, SealUntil = at, OpenUntil = at + (epoch.OpenUntil - sealUntil) };
    }
}
