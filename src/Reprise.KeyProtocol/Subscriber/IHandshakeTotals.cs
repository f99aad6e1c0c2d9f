namespace Reprise.KeyProtocol;

/// <summary>How this node's handshakes have ended; the host may offer one, and heartbeats then carry it.</summary>
public interface IHandshakeTotals
{
    /// <summary>Totals since the process started. Called on a thread-pool thread at each heartbeat; must not block or throw.</summary>
    V1.HandshakeCounts Read();
}
