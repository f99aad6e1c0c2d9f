namespace Reprise.Cli.Up;

/// <summary>What differs from key service to key service, and the store that they share (<c>host:port</c>).</summary>
internal sealed record KeyServiceConfiguration(string Name, int GrpcPort, int ManagementPort, int DashboardPort, string Redis);
