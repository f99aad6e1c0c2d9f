using Reprise.Core.Keys;

namespace Reprise.KeyService.Epochs;

/// <summary>Where the ledger is kept beyond this process, and who may change it. Thread-safe.</summary>
/// <remarks>
/// What a store keeps is secret: it holds the secrets of all epochs. It may lose everything, which costs nothing while one
/// key service lives; it must never give back anything else than what was committed.
/// </remarks>
internal interface ILedgerStore
{
    /// <summary>Whether this key service may change the ledger now. May be over by the time of a commit, which then says so.</summary>
    bool Leads { get; }

    /// <summary>The key service that leads, this one perhaps; null while none is known to.</summary>
    Leader? Leader { get; }

    /// <summary>Completes at the next change of <see cref="Leads"/> or <see cref="Leader"/>; see <see cref="ChangeSignal"/>.</summary>
    Task Changed { get; }

    /// <summary>Puts <paramref name="next"/> in the place of <paramref name="former"/>, for all key services.</summary>
    /// <exception cref="NotLeadingException">This key service does not lead, or no longer: nothing was changed.</exception>
    /// <exception cref="LedgerStoreException">The store failed. Whether it was changed shows when it is read again.</exception>
    Task CommitAsync(EpochLedger former, EpochLedger next, CancellationToken cancellationToken);
}

/// <summary>The key service that leads.</summary>
/// <param name="Name">As in its certificate.</param>
/// <param name="Address">HOST:PORT at which other key services reach it; null for the only one.</param>
internal sealed record Leader(string Name, string? Address);
