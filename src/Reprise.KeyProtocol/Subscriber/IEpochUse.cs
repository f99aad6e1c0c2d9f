namespace Reprise.KeyProtocol;

/// <summary>How often this node has used each epoch; the host may offer one, and heartbeats then carry it.</summary>
public interface IEpochUse
{
    /// <summary>Totals since the process started. Called on a thread-pool thread at each heartbeat; must not block or throw.</summary>
    IReadOnlyList<EpochUse> Read();
}

/// <summary>Uses of one epoch.</summary>
/// <param name="Epoch">Its number.</param>
/// <param name="Seals">Tickets and stored sessions sealed.</param>
/// <param name="Opens">Tickets and stored sessions opened.</param>
public readonly record struct EpochUse(long Epoch, long Seals, long Opens);
