using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Reprise.KeyService.Nodes;

namespace Reprise.KeyService.Dashboard.State;

/// <summary>What is known, as the page is told it.</summary>
internal static class StateView
{
    public static NodeState Of(NodeStatus node, NodeMetadata told) => new(
        node.Name,
        node.Live,
        node.Service,
        node.Address,
        node.Version,
        node.AcknowledgedGeneration,
        told.Lag?.ToTimeSpan().TotalSeconds,
        told.Removed,
        node.ConnectedAt,
        node.LastSeen,
        node.ClockOffset?.TotalSeconds,
        told.HandshakesPerSecond(),
        told.ResumptionRate(),
        [.. Sum([told], counts => counts.ResumedFrom, (issuer, recent, total) => new IssuerCount(issuer, recent, total))],
        [.. node.Profiles.Select(profile => new NodeProfile(profile.Name, profile.Stateful, profile.Stateless))]);

    public static EpochView Of(EpochMetadata epoch) => new(
        epoch.Number,
        epoch.State.ToString().ToLowerInvariant(),
        epoch.Sealing,
        epoch.Condemned,
        epoch.CreatedAt.ToDateTimeOffset(),
        epoch.ActivatesAt?.ToDateTimeOffset(),
        epoch.SealUntil?.ToDateTimeOffset(),
        epoch.OpenUntil?.ToDateTimeOffset(),
        epoch.Seals,
        epoch.Opens,
        epoch.RecentOpens);

    /// <summary>Of the live ones.</summary>
    public static IReadOnlyList<DeclineCount> Declines(IEnumerable<NodeMetadata> nodes) =>
        [.. Sum(nodes.Where(node => node.Live), counts => counts.Declined, (reason, recent, total) => new DeclineCount(reason, recent, total))];

    public static IReadOnlyList<ProfileState> Profiles(IReadOnlyList<NodeStatus> nodes, ResumptionSwitches switches) =>
    [
        .. nodes.Where(node => node.Live)
            .SelectMany(node => node.Profiles.DistinctBy(profile => profile.Name))
            .GroupBy(profile => profile.Name, StringComparer.Ordinal)
            .OrderBy(served => served.Key, StringComparer.Ordinal)
            .Select(served =>
            {
                var set = switches.Of(served.Key);
                return new ProfileState(
                    served.Key,
                    set.Stateful ?? served.Any(profile => profile.Stateful),
                    set.Stateless ?? served.Any(profile => profile.Stateless),
                    served.Count(),
                    set.Stateful is not null || set.Stateless is not null);
            }),
    ];

    public static AuditLine Of(AuditEntry entry) =>
        new(entry.Sequence, entry.At.ToDateTimeOffset(), entry.Service, entry.Actor, entry.Action, entry.Target, entry.Result, entry.Detail);

    // By name, in its order: totals, and how much of them is of the last minute.
    private static IEnumerable<T> Sum<T>(IEnumerable<NodeMetadata> nodes, Func<HandshakeCounts, IEnumerable<NamedCount>> pick, Func<string, long, long, T> make) =>
        nodes.SelectMany(node => Pick(node.Handshakes, pick).Select(each => (each.Name, Recent: 0L, Total: each.Count))
                .Concat(Pick(node.RecentHandshakes, pick).Select(each => (each.Name, Recent: each.Count, Total: 0L))))
            .GroupBy(each => each.Name, StringComparer.Ordinal)
            .OrderBy(each => each.Key, StringComparer.Ordinal)
            .Select(each => make(each.Key, each.Sum(count => count.Recent), each.Sum(count => count.Total)));

    private static IEnumerable<NamedCount> Pick(HandshakeCounts? counts, Func<HandshakeCounts, IEnumerable<NamedCount>> pick) => counts is null ? [] : pick(counts);
}
