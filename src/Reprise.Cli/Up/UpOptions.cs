namespace Reprise.Cli.Up;

/// <param name="Edges">How many edges.</param>
/// <param name="KeyServices">How many key services; they share one store.</param>
/// <param name="Port">TLS port of the first; the next ones follow.</param>
/// <param name="Data">Folder for PKI, configurations, logs and the cluster file.</param>
/// <param name="Redis">A server to use in place of the embedded one.</param>
internal sealed record UpOptions(int Edges, int KeyServices, int Port, string Data, string? Redis);
