using System.Diagnostics.CodeAnalysis;
using Reprise.Core.Keys;

namespace Reprise.KeyProtocol.Wire;

/// <summary>Resumption switches to and from the wire.</summary>
public static class SwitchWire
{
    private const int LongestName = 256;

    public static IEnumerable<V1.ResumptionSwitch> ToWire(this ResumptionSwitches switches) =>
        switches.Switches.Select(pair => ToWire(pair.Key, pair.Value));

    public static V1.ResumptionSwitch ToWire(string profile, ResumptionSwitch set)
    {
        var wire = new V1.ResumptionSwitch { Profile = profile, Number = set.Number, TicketsFrom = set.TicketsFrom };
        if (set.Stateful is { } stateful)
            wire.Stateful = stateful;
        if (set.Stateless is { } stateless)
            wire.Stateless = stateless;
        return wire;
    }

    /// <param name="wire">Of a key ring, from a key service.</param>
    /// <param name="switches">Set on success.</param>
    /// <param name="reason">On failure, why.</param>
    public static bool TryParse(
        IReadOnlyCollection<V1.ResumptionSwitch> wire, [NotNullWhen(true)] out ResumptionSwitches? switches, [NotNullWhen(false)] out string? reason)
    {
        switches = null;
        reason = wire.Count > ResumptionSwitches.MostNames ? $"it holds {wire.Count} switches, where {ResumptionSwitches.MostNames} are allowed"
            : wire.Any(each => !IsSound(each)) ? "it holds a switch with a number that is not sound or a name that is empty or too long"
            : null;
        if (reason is not null)
            return false;
        switches = Merge(wire);
        return true;
    }

    /// <summary>What a node says that it holds, less what is not sound. Numbers ahead of the clock are believed, as those of purges are.</summary>
    /// <param name="wire">Of a Hello.</param>
    public static ResumptionSwitches Believable(IReadOnlyCollection<V1.ResumptionSwitch> wire) =>
        Merge(wire.Take(ResumptionSwitches.MostNames).Where(each => IsSound(each) && ProfileName.IsSound(each.Profile) && each.Number < long.MaxValue / 2));

    private static ResumptionSwitches Merge(IEnumerable<V1.ResumptionSwitch> wire) =>
        wire.Aggregate(ResumptionSwitches.None, (switches, each) => switches.Take(each.Profile, Parse(each)));

    private static ResumptionSwitch Parse(V1.ResumptionSwitch wire) =>
        new(wire.HasStateful ? wire.Stateful : null, wire.HasStateless ? wire.Stateless : null, wire.Number, wire.TicketsFrom);

    private static bool IsSound(V1.ResumptionSwitch wire) =>
        wire.Number > 0 && wire.TicketsFrom >= 0 && wire.TicketsFrom <= wire.Number && wire.Profile.Length is > 0 and <= LongestName;
}
