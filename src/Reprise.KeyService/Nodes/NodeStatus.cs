using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Nodes;

/// <summary>What is known of a node at one moment.</summary>
/// <param name="Name">As in its certificate.</param>
/// <param name="Live">Whether its stream is open.</param>
/// <param name="ConnectedAt">Begin of its newest stream.</param>
/// <param name="LastSeen">Its last message of any kind.</param>
/// <param name="Address">As this service sees it.</param>
/// <param name="Version">As it says itself.</param>
/// <param name="Profiles">What it serves, as it said when it connected.</param>
/// <param name="Acknowledgements">The last few on its newest stream, oldest first: generation, and timestamp of arrival.</param>
/// <param name="Uses">From its last heartbeat.</param>
internal sealed record NodeStatus(
    string Name,
    bool Live,
    DateTimeOffset ConnectedAt,
    DateTimeOffset LastSeen,
    string Address,
    string Version,
    IReadOnlyList<ServedProfile> Profiles,
    IReadOnlyList<(long Generation, long At)> Acknowledgements,
    IReadOnlyList<EpochUse> Uses)
{
    /// <summary>0 before the first.</summary>
    public long AcknowledgedGeneration => Acknowledgements.Count > 0 ? Acknowledgements[^1].Generation : 0;

    /// <summary>
    /// Timestamp of its acknowledgement of a generation, or null. A node that is sent rings faster than it takes them
    /// acknowledges a later one alone: that holds for the earlier too.
    /// </summary>
    public long? AcknowledgedAt(long generation)
    {
        foreach (var (acknowledged, at) in Acknowledgements)
        {
            if (acknowledged >= generation)
                return at;
        }

        return null;
    }
}
