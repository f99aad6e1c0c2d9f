using Reprise.KeyProtocol.Identity;
using Reprise.KeyProtocol.V1;

namespace Reprise.KeyProtocol.Wire;

/// <summary>What nodes tell of their handshakes, made fit for sums, logs and terminals; and the rates that are read from it.</summary>
public static class HandshakeCountsWire
{
    /// <summary>Of issuers, and of reasons; with the largest counts.</summary>
    public const int MostNames = 128;

    // Three centuries of 30,000 a second; a sum over all nodes and names stays far from overflowing.
    private const long Most = 1L << 48;

    /// <summary>A copy that holds nothing that a node could harm by: counts within limits, few names, and none that a node could not have.</summary>
    /// <param name="told">By a node; it may be in other hands.</param>
    public static HandshakeCounts Believable(HandshakeCounts told) => new()
    {
        Full = Limited(told.Full),
        Stateful = Limited(told.Stateful),
        Stateless = Limited(told.Stateless),
        Failed = Limited(told.Failed),
        ResumedFrom = { Believable(told.ResumedFrom) },
        Declined = { Believable(told.Declined) },
    };

    /// <summary>What was added since; a count that has become smaller was not added to.</summary>
    /// <param name="now">Totals, as <see cref="Believable(HandshakeCounts)"/> gives them: no name twice.</param>
    /// <param name="before">Earlier totals of the same node, as these.</param>
    public static HandshakeCounts Since(this HandshakeCounts now, HandshakeCounts before) => new()
    {
        Full = Math.Max(0, now.Full - before.Full),
        Stateful = Math.Max(0, now.Stateful - before.Stateful),
        Stateless = Math.Max(0, now.Stateless - before.Stateless),
        Failed = Math.Max(0, now.Failed - before.Failed),
        ResumedFrom = { Since(now.ResumedFrom, before.ResumedFrom) },
        Declined = { Since(now.Declined, before.Declined) },
    };

    /// <summary>Those that completed, full and resumed.</summary>
    public static long Completed(this HandshakeCounts counts) => counts.Full + counts.Resumed();

    /// <summary>In either mode.</summary>
    public static long Resumed(this HandshakeCounts counts) => counts.Stateful + counts.Stateless;

    /// <summary>Completed handshakes per second over <see cref="NodeMetadata.RecentSpan"/>; null where it is not known.</summary>
    public static double? HandshakesPerSecond(this NodeMetadata node) =>
        node is { RecentHandshakes: { } recent, RecentSpan: { } span } && span.ToTimeSpan().TotalSeconds is > 0 and var seconds ? recent.Completed() / seconds : null;

    /// <summary>The resumed ones' share of those handshakes, 0 to 1; null where there were none or it is not known.</summary>
    public static double? ResumptionRate(this NodeMetadata node) =>
        node.RecentHandshakes is { } recent && recent.Completed() > 0 ? (double)recent.Resumed() / recent.Completed() : null;

    private static IEnumerable<NamedCount> Believable(IEnumerable<NamedCount> told) => told
        .Where(each => each.Count > 0 && KeyIdentity.IsName(each.Name))
        .DistinctBy(each => each.Name)
        .OrderByDescending(each => each.Count)
        .Take(MostNames)
        .Select(each => new NamedCount { Name = each.Name, Count = Limited(each.Count) });

    private static IEnumerable<NamedCount> Since(IEnumerable<NamedCount> now, IEnumerable<NamedCount> before)
    {
        var former = before.ToDictionary(each => each.Name, each => each.Count);
        return from each in now
               let added = each.Count - former.GetValueOrDefault(each.Name)
               where added > 0
               select new NamedCount { Name = each.Name, Count = added };
    }

    private static long Limited(long count) => Math.Clamp(count, 0, Most);
}
