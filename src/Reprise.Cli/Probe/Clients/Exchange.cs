namespace Reprise.Cli.Probe.Clients;

/// <summary>What one connection showed.</summary>
/// <param name="Resumed">Whether the client saw its session resumed.</param>
/// <param name="Report">What the node says of the same connection.</param>
/// <param name="Session">What the node gave to resume later; null for nothing. The receiver disposes it.</param>
internal sealed record Exchange(bool Resumed, NodeReport Report, IDisposable? Session) : IDisposable
{
    public void Dispose() => Session?.Dispose();
}
