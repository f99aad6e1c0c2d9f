namespace Reprise.Cli.Up;

/// <summary>What a node writes when it is ready: an edge its TLS addresses, a key service its gRPC address and that of its dashboard, if it has one.</summary>
internal sealed record ReadyFile
{
    public string? Name { get; init; }

    public IReadOnlyList<string> Tls { get; init; } = [];

    public string? Management { get; init; }

    public string? Grpc { get; init; }

    public string? Dashboard { get; init; }

    public int Pid { get; init; }
}
