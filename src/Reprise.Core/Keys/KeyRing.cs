namespace Reprise.Core.Keys;

/// <summary>All epochs of the cluster at one generation: what the key service pushes whole and nodes acknowledge by number.</summary>
public sealed partial class KeyRing
{
    /// <param name="generation">Grows with every change.</param>
    /// <param name="epochs">In any order.</param>
    /// <param name="purges">Which stored sessions count no more; null: none was purged.</param>
    /// <param name="switches">What operators have switched; null: nothing.</param>
    /// <exception cref="ArgumentException">A number or a secret stands twice.</exception>
    public KeyRing(long generation, IEnumerable<Epoch> epochs, PurgeNumbers? purges = null, ResumptionSwitches? switches = null)
    {
        Generation = generation;
        Purges = purges ?? PurgeNumbers.None;
        Switches = switches ?? ResumptionSwitches.None;
        Epochs = [.. epochs.OrderByDescending(epoch => epoch.Number)];
        for (var i = 0; i < Epochs.Count; i++)
        {
            for (var j = i + 1; j < Epochs.Count; j++)
            {
                if (Epochs[i].Number == Epochs[j].Number)
                    throw new ArgumentException($"Epoch {Epochs[i].Number} stands twice in key ring {generation}.", nameof(epochs));
                if (Epochs[i].Secret is { } secret && Epochs[j].Secret is { } other && secret.FixedTimeEquals(other))
                    throw new ArgumentException($"Epochs {Epochs[j].Number} and {Epochs[i].Number} share a secret.", nameof(epochs));
            }
        }
    }

    public long Generation { get; }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Epoch> Epochs { get; }

    /// <summary>Which stored sessions count no more.</summary>
    public PurgeNumbers Purges { get; }

    /// <summary>What operators have switched, over the nodes' configurations.</summary>
    public ResumptionSwitches Switches { get; }

    /// <summary>
    /// The epoch to seal with at this moment, or null: then nothing is sealed. The newest one wins, so that the
    /// former active epoch goes on until its successor's activation time, on each node's own clock.
    /// </summary>
    public Epoch? SealingAt(DateTimeOffset now)
    {
        foreach (var epoch in Epochs)
        {
            if (epoch.Seals(now))
                return epoch;
        }

        return null;
    }

    /// <summary>The epoch of this number, in whatever state, or null.</summary>
    public Epoch? Find(long number)
    {
        foreach (var epoch in Epochs)
        {
            if (epoch.Number == number)
                return epoch;
        }

        return null;
    }
}
