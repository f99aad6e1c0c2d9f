namespace Reprise.Cli.Probe.Clients;

/// <summary>What one connection showed to its client.</summary>
/// <param name="Resumed">Whether the client saw its session resumed.</param>
/// <param name="Said">What came of the talk.</param>
/// <param name="Session">What the server gave to resume later; null for nothing. The receiver disposes it.</param>
/// <param name="LifetimeHint">For how long the server would have its ticket kept; null without a ticket.</param>
internal sealed record Contact<T>(bool Resumed, T Said, IDisposable? Session, TimeSpan? LifetimeHint) : IDisposable
{
    public void Dispose() => Session?.Dispose();
}
