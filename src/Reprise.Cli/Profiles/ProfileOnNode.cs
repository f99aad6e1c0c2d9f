namespace Reprise.Cli.Profiles;

/// <summary>What is in force on a node: its configuration under what operators have switched.</summary>
internal sealed record ProfileOnNode(string Node, bool Live, bool Stateful, bool Stateless);
