using System.Collections.Immutable;

namespace Reprise.Core.Keys;

/// <summary>The switches of all profiles that operators have set. Immutable.</summary>
public sealed class ResumptionSwitches
{
    /// <summary>More names than this are a fault: they come from configurations.</summary>
    public const int MostNames = 4096;

    private readonly ImmutableSortedDictionary<string, ResumptionSwitch> _switches;

    private ResumptionSwitches(ImmutableSortedDictionary<string, ResumptionSwitch> switches) => _switches = switches;

    public static ResumptionSwitches None { get; } = new(ImmutableSortedDictionary.Create<string, ResumptionSwitch>(StringComparer.Ordinal));

    /// <summary>By profile.</summary>
    public IReadOnlyDictionary<string, ResumptionSwitch> Switches => _switches;

    /// <summary>What holds for this profile; with nothing set, all is as its configuration says.</summary>
    public ResumptionSwitch Of(string profile) => _switches.GetValueOrDefault(profile);

    /// <summary>Sets one switch or both; null leaves one as it is.</summary>
    /// <exception cref="InvalidOperationException">There are <see cref="MostNames"/> profiles with switches already.</exception>
    public ResumptionSwitches Set(string profile, bool? stateful, bool? stateless, DateTimeOffset now)
    {
        if (_switches.Count >= MostNames && !_switches.ContainsKey(profile))
            throw new InvalidOperationException($"{MostNames} profiles have switches already.");
        var former = Of(profile);
        var highest = _switches.Values.Select(each => each.Number).DefaultIfEmpty().Max();
        var number = Math.Max(now.ToUnixTimeMilliseconds(), highest + 1);
        return new(_switches.SetItem(profile, new ResumptionSwitch(
            stateful ?? former.Stateful, stateless ?? former.Stateless, number, stateless is false ? number : former.TicketsFrom)));
    }

    /// <summary>With what was set elsewhere, if it was set later; else this object itself.</summary>
    public ResumptionSwitches Take(string profile, ResumptionSwitch set)
    {
        var mine = Of(profile);
        if (set.Number <= mine.Number || (_switches.Count >= MostNames && !_switches.ContainsKey(profile)))
            return this;
        // Tickets that were ended stay ended, whoever is the later.
        return new(_switches.SetItem(profile, set with { TicketsFrom = Math.Max(mine.TicketsFrom, set.TicketsFrom) }));
    }

    /// <summary>The later of both for each profile; this object itself if the other says nothing new.</summary>
    public ResumptionSwitches Merge(ResumptionSwitches other)
    {
        var merged = this;
        foreach (var (profile, set) in other._switches)
            merged = merged.Take(profile, set);
        return merged;
    }
}
