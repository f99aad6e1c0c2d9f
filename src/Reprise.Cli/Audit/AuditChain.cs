using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;

namespace Reprise.Cli.Audit;

/// <summary>
/// Whether each entry follows from the one before, as <c>key_admin.proto</c> has it: the next number, its hash carried on, and a hash
/// over all that it says. What was changed, left out or put in does not follow; what was cut off at either end cannot be seen.
/// </summary>
internal sealed class AuditChain
{
    private static readonly byte[] Beginning = new byte[AuditHash.Length];

    private AuditEntry? _last;

    /// <summary>Number of the first entry; 0 while there is none.</summary>
    public long From { get; private set; }

    public long To => _last?.Sequence ?? 0;

    /// <summary>Takes the next entry. Null if it follows, else what is wrong with it.</summary>
    public string? Add(AuditEntry entry)
    {
        var fault = Fault(entry);
        if (_last is null)
            From = entry.Sequence;
        _last = entry;
        return fault;
    }

    private string? Fault(AuditEntry entry)
    {
        if (entry.Sequence <= To)
            return _last is null ? $"entry {entry.Sequence} cannot be: they are numbered from 1" : $"entry {entry.Sequence} comes after entry {To}";
        if (_last is not null && entry.Sequence != To + 1)
            return Missing(To + 1, entry.Sequence - 1);
        if (!entry.Hash.Span.SequenceEqual(AuditHash.Of(entry)))
            return $"entry {entry.Sequence} does not say what its hash was made of";
        if (_last is null)
            return entry.Sequence > 1 || entry.PreviousHash.Span.SequenceEqual(Beginning) ? null : "entry 1 carries on a hash, which the first must not";
        return entry.PreviousHash.Span.SequenceEqual(_last.Hash.Span) ? null : $"entry {entry.Sequence} does not follow entry {To}: it carries on another hash";
    }

    private static string Missing(long first, long last) => first == last ? $"entry {first} is missing" : $"entries {first} to {last} are missing";
}
