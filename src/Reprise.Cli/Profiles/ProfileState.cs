using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Profiles;

/// <summary>A profile across the cluster.</summary>
/// <param name="Name">The profile's.</param>
/// <param name="Nodes">Those that serve it, as they said last.</param>
/// <param name="Switch">What operators have set; null: nothing.</param>
/// <param name="SwitchedBy">Who did, if the audit still has it.</param>
internal sealed record ProfileState(string Name, IReadOnlyList<ProfileOnNode> Nodes, ResumptionSwitch? Switch, string? SwitchedBy);
