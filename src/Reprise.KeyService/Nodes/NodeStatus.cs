using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Nodes;

/// <summary>What is known of a node at one moment.</summary>
internal sealed record NodeStatus
{
    /// <summary>As in its certificate.</summary>
    public required string Name { get; init; }

    /// <summary>Whether its stream is open.</summary>
    public required bool Live { get; init; }

    /// <summary>Begin of its newest stream.</summary>
    public required DateTimeOffset ConnectedAt { get; init; }

    /// <summary>Its last message of any kind.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>As the key service sees it.</summary>
    public required string Address { get; init; }

    /// <summary>Serial number of its certificate, in hexadecimal as .NET prints it.</summary>
    public required string Serial { get; init; }

    /// <summary>Of certificates that it came with before, as far as they are remembered.</summary>
    public IReadOnlyList<string> FormerSerials { get; init; } = [];

    /// <summary>The key service that its stream is with, or was.</summary>
    public required string Service { get; init; }

    /// <summary>As it says itself.</summary>
    public required string Version { get; init; }

    /// <summary>What it serves, as it said last.</summary>
    public IReadOnlyList<ServedProfile> Profiles { get; init; } = [];

    /// <summary>The last few on its newest stream, oldest first: generation, and this process's timestamp of learning of it.</summary>
    public IReadOnlyList<(long Generation, long At)> Acknowledgements { get; init; } = [];

    /// <summary>From its last heartbeat: totals since it started.</summary>
    public IReadOnlyList<EpochUse> Uses { get; init; } = [];

    /// <summary>Of these, those of the last minute or so.</summary>
    public IReadOnlyList<EpochUse> RecentUses { get; init; } = [];

    /// <summary>From its last heartbeat; null before the first, and of a node that tells nothing of them.</summary>
    public NodeHandshakes? Handshakes { get; init; }

    /// <summary>The time in its last heartbeat less this service's at its arrival; null before the first.</summary>
    public TimeSpan? ClockOffset { get; init; }

    /// <summary>What it held when it connected, from a key service before this one.</summary>
    public PurgeNumbers HeldPurges { get; init; } = PurgeNumbers.None;

    /// <inheritdoc cref="HeldPurges"/>
    public ResumptionSwitches HeldSwitches { get; init; } = ResumptionSwitches.None;

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
