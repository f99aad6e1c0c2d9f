using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Audit;

/// <summary>Where audit entries are kept: the newest <see cref="MostKept"/>. Nothing in them is secret.</summary>
internal interface IAuditStore
{
    /// <summary>Older ones are dropped.</summary>
    public const int MostKept = 10_000;

    /// <summary>Links the entry to the newest one and keeps it. Safe against others that do the same at the same time.</summary>
    /// <exception cref="Epochs.LedgerStoreException">The store failed; the entry may have been kept.</exception>
    Task<AuditEntry> AppendAsync(AuditEntry entry, CancellationToken cancellationToken);

    /// <summary>Entries of higher sequence numbers, oldest first.</summary>
    /// <param name="after">0: from the oldest that is kept.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="Epochs.LedgerStoreException">The store failed.</exception>
    Task<IReadOnlyList<AuditEntry>> ReadAsync(long after, int most, CancellationToken cancellationToken);

    /// <summary>The newest entry, or null.</summary>
    /// <exception cref="Epochs.LedgerStoreException">The store failed.</exception>
    Task<AuditEntry?> NewestAsync(CancellationToken cancellationToken);
}
