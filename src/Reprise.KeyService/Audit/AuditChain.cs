using Google.Protobuf;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;

namespace Reprise.KeyService.Audit;

/// <summary>Entries chained by hash: whoever changes, drops or inserts one must rewrite all after it, and the hashes are in the logs too.</summary>
internal static class AuditChain
{
    /// <summary>The entry after another; sets its sequence and both hashes.</summary>
    /// <param name="entry">With everything else.</param>
    /// <param name="former">The one before; null: it is the first.</param>
    public static AuditEntry Link(AuditEntry entry, AuditEntry? former)
    {
        entry.Sequence = (former?.Sequence ?? 0) + 1;
        entry.PreviousHash = former?.Hash ?? ByteString.CopyFrom(new byte[AuditHash.Length]);
        entry.Hash = ByteString.CopyFrom(AuditHash.Of(entry));
        return entry;
    }
}
