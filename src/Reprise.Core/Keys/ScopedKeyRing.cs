using Reprise.Core.Sessions;

namespace Reprise.Core.Keys;

/// <summary>
/// The keys of one scope for every epoch of a key ring that has a secret. Immutable: derived once when a ring comes in,
/// then only searched. Whether a key may be used is asked with the time of use.
/// </summary>
public sealed class ScopedKeyRing : IDisposable
{
    private readonly KeyRing _ring;
    private readonly ScopedKeys[] _keys;
    private readonly (Epoch Epoch, byte[] Name)[] _destroyed;

    private ScopedKeyRing(KeyRing ring, Scope scope, long purge, ScopedKeys[] keys, (Epoch, byte[])[] destroyed)
    {
        _ring = ring;
        _keys = keys;
        _destroyed = destroyed;
        Scope = scope;
        Purge = purge;
    }

    /// <summary>Generation of the key ring it was derived from.</summary>
    public long Generation => _ring.Generation;

    /// <summary>Newest epoch first.</summary>
    public IReadOnlyList<ScopedKeys> Keys => _keys;

    public Scope Scope { get; }

    /// <summary>The profile's purge number: stored sessions of a lower one count no more. It is in the keys that seal them.</summary>
    public long Purge { get; }

    /// <param name="ring">Of the cluster.</param>
    /// <param name="scope">Of the profile.</param>
    /// <param name="profile">Its name, which purges and switches go by.</param>
    /// <param name="former">What the same scope had before, whose keys are not destroyed yet: names of epochs that now are destroyed are from there.</param>
    public static ScopedKeyRing Derive(KeyRing ring, Scope scope, string profile, ScopedKeyRing? former = null)
    {
        var purge = ring.Purges.Of(profile);
        var ticketsFrom = ring.Switches.Of(profile).TicketsFrom;
        var destroyed = ring.Epochs.Where(epoch => epoch.Secret is null).Select(epoch => (epoch, Name: former?.NameOf(epoch.Number))).Where(past => past.Name is not null);
        return new(
            ring, scope, purge,
            [.. ring.Epochs.Where(epoch => epoch.Secret is not null).Select(epoch => ScopedKeys.Derive(epoch, scope, purge, ticketsFrom))],
            [.. destroyed.Select(past => (past.epoch, past.Name!))]);
    }

    /// <summary>The keys to seal with now, or null: then nothing is sealed.</summary>
    public ScopedKeys? SealingAt(DateTimeOffset now)
    {
        foreach (var keys in _keys)
        {
            if (keys.Epoch.Seals(now))
                return keys;
        }

        return null;
    }

    /// <summary>The keys of this ticket key name (any bytes, from a client), or null. They may be past their time.</summary>
    public ScopedKeys? FindName(ReadOnlySpan<byte> name)
    {
        foreach (var keys in _keys)
        {
            if (name.SequenceEqual(keys.Name)) // the name is public: it travels in the clear
                return keys;
        }

        return null;
    }

    /// <summary>The keys of this epoch, or null. They may be past their time.</summary>
    public ScopedKeys? FindEpoch(long number)
    {
        foreach (var keys in _keys)
        {
            if (keys.Epoch.Number == number)
                return keys;
        }

        return null;
    }

    /// <summary>
    /// The destroyed epoch whose ticket key had this name (any bytes), or null. Known of those that this process held and the ring still lists:
    /// it tells what is past its time from what never was ours.
    /// </summary>
    public Epoch? FindDestroyed(ReadOnlySpan<byte> name)
    {
        foreach (var (epoch, known) in _destroyed)
        {
            if (name.SequenceEqual(known))
                return epoch;
        }

        return null;
    }

    /// <summary>The epoch of this number, with or without keys, or null.</summary>
    public Epoch? FindListed(long number) => _ring.Find(number);

    private byte[]? NameOf(long epoch)
    {
        if (FindEpoch(epoch) is { } keys)
            return keys.Name.ToArray();
        foreach (var (destroyed, name) in _destroyed)
        {
            if (destroyed.Number == epoch)
                return name;
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var keys in _keys)
            keys.Dispose();
    }
}
