using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Reprise.KeyProtocol.Wire;

/// <summary>The hash that chains audit entries: for who makes them and for who verifies them.</summary>
public static class AuditHash
{
    /// <summary>Length in bytes: SHA-256.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>The hash that the entry should have, as key_admin.proto says: over its previous_hash and all that it tells.</summary>
    public static byte[] Of(V1.AuditEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(entry.PreviousHash.Span);
        var at = entry.At?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0;
        foreach (var text in (string[])[Decimal(entry.Sequence), Decimal(at), entry.Service, entry.Actor, entry.Action, entry.Target, entry.Result, entry.Detail])
            Append(hash, text);
        return hash.GetHashAndReset();
    }

    // Its length first: or what ends one text could as well begin the next.
    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }

    private static string Decimal(long number) => number.ToString(CultureInfo.InvariantCulture);
}
