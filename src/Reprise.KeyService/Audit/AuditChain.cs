using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Reprise.KeyProtocol.V1;

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
        entry.PreviousHash = former?.Hash ?? ByteString.CopyFrom(new byte[SHA256.HashSizeInBytes]);
        entry.Hash = Hash(entry);
        return entry;
    }

    // As key_admin.proto says.
    private static ByteString Hash(AuditEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(entry.PreviousHash.Span);
        Append(hash, entry.Sequence.ToString(CultureInfo.InvariantCulture));
        Append(hash, entry.At.ToDateTimeOffset().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        Append(hash, entry.Service);
        Append(hash, entry.Actor);
        Append(hash, entry.Action);
        Append(hash, entry.Target);
        Append(hash, entry.Result);
        Append(hash, entry.Detail);
        return ByteString.CopyFrom(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
