using System.Collections.Immutable;

namespace Reprise.Core.Keys;

/// <summary>
/// The key service's book: epochs, and what operators have ordered. Immutable and pure: a transition takes <c>now</c> and
/// gives the next ledger, with a higher generation, or this one where there is nothing to do.
/// </summary>
/// <remarks>
/// What always holds, whatever clocks do: at most one epoch is staged and at most one active; numbers and generations only
/// grow; every epoch that has a secret has an <see cref="Epoch.OpenUntil"/>; the active epoch seals until its successor's
/// activation time, so there is no gap between them; no life is ever lengthened.
/// <para>
/// Numbers and generations are Unix milliseconds, or one more than those before. So they have grown when a service that has
/// lost its memory begins anew, and two services that lost sight of each other do not give one number to two things.
/// </para>
/// </remarks>
public sealed partial class EpochLedger
{
    /// <summary>More epochs with a secret than this are not kept: each one makes every node search longer.</summary>
    public const int MostLiving = 64;

    // Destroyed epochs are kept for the record only: nodes drop what is absent.
    private const int DestroyedKept = 8;

    private EpochLedger(long generation, long knowsFrom, ImmutableArray<Epoch> epochs)
    {
        Generation = generation;
        KnowsFrom = knowsFrom;
        Epochs = epochs;
    }

    private EpochLedger(EpochLedger other, DateTimeOffset now)
        : this(Math.Max(other.Generation + 1, now.ToUnixTimeMilliseconds()), other.KnowsFrom, other.Epochs)
    {
        Purges = other.Purges;
        Switches = other.Switches;
        Removed = other.Removed;
        Commands = other.Commands;
        RotationWanted = other.RotationWanted;
    }

    /// <summary>What a service holds that has read nothing yet: generation 0.</summary>
    public static EpochLedger None { get; } = new(0, 0, []);

    /// <summary>Grows with every change.</summary>
    public long Generation { get; private init; }

    /// <summary>The first epoch number of this ledger; what came before is unknown to it. See <see cref="KeyRing.Adopt"/>.</summary>
    public long KnowsFrom { get; private init; }

    /// <summary>Newest first.</summary>
    public ImmutableArray<Epoch> Epochs { get; private init; }

    /// <summary>Which stored sessions count no more.</summary>
    public PurgeNumbers Purges { get; private init; } = PurgeNumbers.None;

    /// <summary>What operators have switched.</summary>
    public ResumptionSwitches Switches { get; private init; } = ResumptionSwitches.None;

    /// <summary>Whose certificates are refused.</summary>
    public ImmutableArray<RemovedCertificate> Removed { get; private init; } = [];

    /// <summary>The calls of the last day, oldest first.</summary>
    public ImmutableArray<Command> Commands { get; private init; } = [];

    /// <summary>Whether a rotation must follow, because a node that holds these epochs was removed. The next epoch that is staged ends it.</summary>
    public bool RotationWanted { get; private init; }

    /// <summary>The staged epoch, or null.</summary>
    public Epoch? Staged => Epochs.FirstOrDefault(epoch => epoch.State is EpochState.Staged);

    /// <summary>The active epoch, or null after its hard expiry.</summary>
    public Epoch? Active => Epochs.FirstOrDefault(epoch => epoch.State is EpochState.Active);

    /// <summary>The epoch of this number, in whatever state, or null.</summary>
    public Epoch? Find(long number) => Epochs.FirstOrDefault(epoch => epoch.Number == number);

    /// <summary>The epoch that seals at this moment, or null; see <see cref="KeyRing.SealingAt"/>.</summary>
    public Epoch? SealingAt(DateTimeOffset now) => Epochs.FirstOrDefault(epoch => epoch.Seals(now));

    /// <summary>A new book, with its first epoch active: nobody has to be waited for, as nobody holds another.</summary>
    public static EpochLedger Begin(DateTimeOffset now, EpochLifetimes lives, EpochSecret secret)
    {
        var number = now.ToUnixTimeMilliseconds();
        var sealUntil = lives.SealUntil(now);
        var first = new Epoch(number, EpochState.Active, now, now, sealUntil, sealUntil + lives.DecryptLife, secret);
        return new EpochLedger(generation: number, knowsFrom: number, [first]);
    }

    /// <summary>A ledger as it was stored.</summary>
    /// <exception cref="ArgumentException">It is not one that transitions make.</exception>
    public static EpochLedger Restore(
        long generation,
        long knowsFrom,
        IEnumerable<Epoch> epochs,
        PurgeNumbers purges,
        ResumptionSwitches switches,
        IEnumerable<RemovedCertificate> removed,
        IEnumerable<Command> commands,
        bool rotationWanted)
    {
        // The ring's constructor refuses numbers and secrets that stand twice.
        var ring = new KeyRing(generation, epochs);
        var ledger = new EpochLedger(generation, knowsFrom, [.. ring.Epochs])
        {
            Purges = purges,
            Switches = switches,
            Removed = [.. removed],
            Commands = [.. commands],
            RotationWanted = rotationWanted,
        };
        if (generation <= 0 || knowsFrom < 0)
            throw new ArgumentException($"Generation {generation} or first epoch {knowsFrom} is not positive.");
        if (ledger.Epochs.Count(epoch => epoch.State is EpochState.Active) > 1 || ledger.Epochs.Count(epoch => epoch.State is EpochState.Staged) > 1)
            throw new ArgumentException("More than one epoch is active, or staged.");
        foreach (var epoch in ledger.Epochs)
        {
            if (epoch.State is EpochState.Destroyed != epoch.Secret is null)
                throw new ArgumentException($"Epoch {epoch.Number} is destroyed with a secret, or has none without.");
            if (epoch.Secret is not null && (epoch.OpenUntil is null || epoch.SealUntil > epoch.OpenUntil))
                throw new ArgumentException($"Epoch {epoch.Number} would open without end, or seal what it no longer opens.");
            if (epoch.State is EpochState.Active && (epoch.ActivatesAt is null || epoch.SealUntil is null))
                throw new ArgumentException($"Epoch {epoch.Number} is active without dates.");
        }

        return ledger;
    }

    /// <summary>As it is pushed.</summary>
    public KeyRing ToRing() => new(Generation, Epochs, Purges, Switches);

    /// <summary>The secrets of this ledger, by identity, that the other does not hold: what to zero after a change.</summary>
    public IEnumerable<EpochSecret> SecretsNotIn(EpochLedger other) => EpochSecret.NotHeld(Epochs, other.Epochs);

    /// <summary>Generation and epoch numbers only.</summary>
    public override string ToString() => $"epoch ledger, {ToRing()}";
}
