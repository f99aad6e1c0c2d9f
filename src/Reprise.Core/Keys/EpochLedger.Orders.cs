namespace Reprise.Core.Keys;

// What operators order besides the life of epochs.
public sealed partial class EpochLedger
{
    // As long as a caller may reasonably try again.
    private static readonly TimeSpan s_commandLife = TimeSpan.FromDays(1);

    private const int MostCommands = 256;
    private const int MostRemoved = 10_000;

    /// <summary>Ends all stored sessions of a profile, or of <see cref="PurgeNumbers.AllProfiles"/>, that were sealed before this.</summary>
    public EpochLedger Purge(string profile, DateTimeOffset now) => new(this, now) { Purges = Purges.Purge(profile, now) };

    /// <summary>
    /// Sets one switch of a profile or both. What is switched off ends for good: stored sessions are purged, ticket keys get
    /// another derivation.
    /// </summary>
    /// <exception cref="InvalidOperationException">Too many profiles have switches.</exception>
    public EpochLedger Switch(string profile, bool? stateful, bool? stateless, DateTimeOffset now) => new(this, now)
    {
        Switches = Switches.Set(profile, stateful, stateless, now),
        Purges = stateful is false ? Purges.Purge(profile, now) : Purges,
    };

    /// <summary>With the numbers and switches that a node holds from a service before this one; this ledger where they are not news.</summary>
    public EpochLedger Learn(PurgeNumbers purges, ResumptionSwitches switches, DateTimeOffset now)
    {
        var (mergedPurges, mergedSwitches) = (Purges.Merge(purges), Switches.Merge(switches));
        return ReferenceEquals(mergedPurges, Purges) && ReferenceEquals(mergedSwitches, Switches)
            ? this
            : new(this, now) { Purges = mergedPurges, Switches = mergedSwitches };
    }

    /// <summary>Refuses these certificates of a node from now on, and wants a rotation; this ledger if it refuses them already.</summary>
    /// <exception cref="InvalidOperationException">Too many are refused already.</exception>
    public EpochLedger Remove(string node, IEnumerable<string> serials, DateTimeOffset now)
    {
        var fresh = serials.Where(serial => !IsRemoved(serial)).Distinct(StringComparer.Ordinal).ToList();
        if (fresh.Count == 0)
            return this;
        if (Removed.Length + fresh.Count > MostRemoved)
            throw new InvalidOperationException($"{Removed.Length} certificates are refused already: time for a new CA.");
        return new(this, now)
        {
            Removed = Removed.AddRange(fresh.Select(serial => new RemovedCertificate(node, serial, now))),
            RotationWanted = true,
        };
    }

    /// <summary>Whether the certificate of this serial number is refused.</summary>
    public bool IsRemoved(string serial) => Removed.Any(removed => removed.Serial == serial);

    /// <summary>The call that was made under this key, or null.</summary>
    public Command? FindCommand(string caller, string key) =>
        key.Length == 0 ? null : Commands.FirstOrDefault(command => command.Key == key && command.Caller == caller);

    /// <summary>Remembers a call. To be made one change with what the call does. Without a key there is nothing to remember.</summary>
    public EpochLedger Note(Command command, DateTimeOffset now) => command.Key.Length == 0 ? this : new(this, now)
    {
        Commands = [.. Commands.Where(each => now - each.At < s_commandLife).TakeLast(MostCommands - 1), command],
    };
}
