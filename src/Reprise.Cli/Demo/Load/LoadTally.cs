using System.Collections.Immutable;
using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Matrix;

namespace Reprise.Cli.Demo.Load;

/// <summary>What the clients of a load have seen, for each way of resuming: up to a moment, or between two. Immutable.</summary>
internal sealed record LoadTally(ImmutableDictionary<ProbeCase, Tally> Ways)
{
    public Tally All => Ways.Values.Aggregate(Tally.None, (sum, each) => sum.Plus(each));

    public Tally Of(ResumptionMode mode) =>
        Ways.Where(way => way.Key.Mode == mode).Aggregate(Tally.None, (sum, each) => sum.Plus(each.Value));

    public Tally Of(ResumptionMode mode, TlsVersion version) =>
        Ways.Where(way => way.Key.Mode == mode && way.Key.Version == version).Aggregate(Tally.None, (sum, each) => sum.Plus(each.Value));

    /// <summary>Whether each way holds to it.</summary>
    public bool Each(Func<Tally, bool> holds) => Ways.Values.All(holds);

    public LoadTally Add(ProbeCase way, Visit visit) => new(Ways.SetItem(way, Ways[way].Add(visit)));

    public LoadTally Since(LoadTally earlier) => new(Ways.ToImmutableDictionary(way => way.Key, way => way.Value.Minus(earlier.Ways[way.Key])));

    public object ToJson() => new { stateful = Of(ResumptionMode.Stateful).ToJson(), stateless = Of(ResumptionMode.Stateless).ToJson() };
}
