namespace Reprise.Cli.Up;

/// <summary>What differs from edge to edge, and where the rest of the cluster is; addresses are <c>host:port</c>.</summary>
internal sealed record EdgeConfiguration(string Name, int Port, int ManagementPort, string Redis, IReadOnlyList<string> KeyServices, string Upstream);
