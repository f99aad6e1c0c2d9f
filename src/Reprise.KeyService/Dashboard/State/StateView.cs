using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;
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
        HandshakesPerSecond: null,
        ResumptionRate: null,
        ResumedFrom: [],
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

    public static IReadOnlyList<DeclineCount> Declines(IReadOnlyList<NodeStatus> nodes) => [];

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
}
