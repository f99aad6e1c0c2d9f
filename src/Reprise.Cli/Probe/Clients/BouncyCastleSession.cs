using Org.BouncyCastle.Tls;

namespace Reprise.Cli.Probe.Clients;

/// <summary>A session as Bouncy Castle keeps it, and its ticket if it came as one.</summary>
internal sealed class BouncyCastleSession(TlsSession session, byte[]? ticket) : IDisposable
{
    public TlsSession Session { get; } = session;

    public byte[]? Ticket { get; } = ticket;

    public void Dispose() => Session.Invalidate();
}
