using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Audit;

/// <summary>For a key service that stores nothing: the log is what remains of it.</summary>
internal sealed class MemoryAuditStore : IAuditStore
{
    private readonly Lock _gate = new();
    private readonly Queue<AuditEntry> _entries = [];
    private AuditEntry? _newest;

    public Task<AuditEntry> AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _newest = AuditChain.Link(entry, _newest);
            _entries.Enqueue(_newest);
            if (_entries.Count > IAuditStore.MostKept)
                _entries.Dequeue();
            return Task.FromResult(_newest);
        }
    }

    public Task<IReadOnlyList<AuditEntry>> ReadAsync(long after, int most, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<AuditEntry>>([.. _entries.Where(entry => entry.Sequence > after).Take(most)]);
    }

    public Task<AuditEntry?> NewestAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult(_newest);
    }
}
