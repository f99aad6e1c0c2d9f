namespace Reprise.KeyService.Dashboard.State;

/// <summary>What the page shows, as JSON in camel case. Nothing in it is secret.</summary>
internal sealed record DashboardState(
    string Service,
    string? Leader,
    long Generation,
    DateTimeOffset Now,
    IReadOnlyList<NodeState> Nodes,
    IReadOnlyList<EpochView> Epochs,
    IReadOnlyList<DeclineCount> Declines,
    IReadOnlyList<ProfileState> Profiles,
    IReadOnlyList<AuditLine> Audit);

/// <summary>A node. What it has not told, or not yet, is null.</summary>
internal sealed record NodeState(
    string Name,
    bool Live,
    string Service,
    string Address,
    string Version,
    long Generation,
    double? LagSeconds,
    bool Removed,
    DateTimeOffset ConnectedAt,
    DateTimeOffset LastSeen,
    double? ClockOffsetSeconds,
    double? HandshakesPerSecond,
    double? ResumptionRate,
    IReadOnlyList<IssuerCount> ResumedFrom,
    IReadOnlyList<NodeProfile> Profiles);

/// <summary>Sessions of one issuer that a node has resumed: in the last minute, and since it started.</summary>
internal sealed record IssuerCount(string Issuer, long Recent, long Total);

/// <summary>A profile as a node has it in force.</summary>
internal sealed record NodeProfile(string Name, bool Stateful, bool Stateless);

/// <summary>An epoch with its dates and its use.</summary>
internal sealed record EpochView(
    long Number,
    string State,
    bool Sealing,
    bool Condemned,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ActivatesAt,
    DateTimeOffset? SealUntil,
    DateTimeOffset? OpenUntil,
    long Seals,
    long Opens,
    long RecentOpens);

/// <summary>Offered sessions that were not resumed, of all live nodes, by reason: in the last minute, and since they started.</summary>
internal sealed record DeclineCount(string Reason, long Recent, long Total);

/// <summary>A profile of any live node.</summary>
/// <param name="Name">Of the profile.</param>
/// <param name="Stateful">As switched by an operator, else whether any node has it on.</param>
/// <param name="Stateless">The same.</param>
/// <param name="Nodes">How many live nodes serve it.</param>
/// <param name="Switched">Whether an operator has set one of both.</param>
internal sealed record ProfileState(string Name, bool Stateful, bool Stateless, int Nodes, bool Switched);

/// <summary>An entry of the audit.</summary>
internal sealed record AuditLine(long Sequence, DateTimeOffset At, string Service, string Actor, string Action, string Target, string Result, string Detail);
