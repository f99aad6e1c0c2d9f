using System.Security.Cryptography;
using Reprise.Core.Keys;

namespace Reprise.Core.Sessions;

/// <summary>
/// The value of a stored session: header (25, <see cref="SealedSessionHeader"/>), nonce (12), AES-256-GCM of the record, tag (16).
/// Each session has a key of its own, derived from epoch, scope, purge number and handle; header and scope are authenticated with it.
/// A value opens only on a node that has the epoch, in the scope it was sealed in, not after a purge, for the client that presents
/// its handle.
/// </summary>
public static class SealedSession
{
    private const int NonceOffset = SealedSessionHeader.Length;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int CiphertextOffset = NonceOffset + NonceLength;

    /// <summary>Bytes that sealing adds to a record.</summary>
    public const int Overhead = CiphertextOffset + TagLength;

    /// <param name="keys">Of the sealing epoch and the session's scope.</param>
    /// <param name="handle">TLS 1.2 session ID or TLS 1.3 handle.</param>
    /// <param name="record">What to seal. Its epoch must be that of the keys.</param>
    /// <param name="now">Goes into the header.</param>
    /// <exception cref="ObjectDisposedException">The keys were destroyed by another thread: their epoch is gone.</exception>
    public static byte[] Seal(ScopedKeys keys, ReadOnlySpan<byte> handle, SessionRecord record, DateTimeOffset now)
    {
        Span<byte> key = stackalloc byte[ScopedKeys.KeyLength];
        ObjectDisposedException.ThrowIf(!TryDeriveKey(keys, handle, key), keys);
        var plaintext = PackedRecord.Pack(record, handle, keys.Scope);
        var value = new byte[Overhead + plaintext.Length];
        SealedSessionHeader.Write(value, keys, now);
        RandomNumberGenerator.Fill(value.AsSpan(NonceOffset, NonceLength));
        using (var gcm = new AesGcm(key, TagLength))
        {
            gcm.Encrypt(
                value.AsSpan(NonceOffset, NonceLength), plaintext, value.AsSpan(CiphertextOffset, plaintext.Length), value.AsSpan(^TagLength..),
                AssociatedData(value, keys.Scope, stackalloc byte[SealedSessionHeader.Length + Scope.Length]));
        }

        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(plaintext);
        return value;
    }

    /// <summary>Opens a value from the store, any bytes. Never throws for what is in them.</summary>
    public static OpenResult Open(ScopedKeyRing ring, ReadOnlySpan<byte> handle, ReadOnlySpan<byte> value, DateTimeOffset now, out SessionRecord? record)
    {
        record = null;
        if (value.IsEmpty || value[0] == 0)
            return OpenResult.Malformed;
        if (value[0] > SealedSessionHeader.Version)
            return OpenResult.NewerFormat;
        if (value.Length < Overhead || !SealedSessionHeader.TryRead(value, out var header))
            return OpenResult.Malformed;
        if (header.ScopeTag != ring.Scope.Tag)
            return OpenResult.Foreign;
        if (header.Purge != ring.Purge)
            return header.Purge < ring.Purge ? OpenResult.Purged : OpenResult.AheadOfPurge;
        if (ring.FindEpoch(header.Epoch) is not { } keys)
            return ring.FindListed(header.Epoch)?.IsPast(now) is true ? OpenResult.Retired : OpenResult.UnknownEpoch;
        if (!keys.Epoch.Opens(now))
            return OpenResult.Retired;

        Span<byte> key = stackalloc byte[ScopedKeys.KeyLength];
        if (!TryDeriveKey(keys, handle, key))
            return OpenResult.UnknownEpoch;
        var plaintext = new byte[value.Length - Overhead];
        try
        {
            using var gcm = new AesGcm(key, TagLength);
            gcm.Decrypt(
                value.Slice(NonceOffset, NonceLength), value[CiphertextOffset..^TagLength], value[^TagLength..], plaintext,
                AssociatedData(value, keys.Scope, stackalloc byte[SealedSessionHeader.Length + Scope.Length]));
        }
        catch (AuthenticationTagMismatchException)
        {
            return OpenResult.Foreign;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        record = PackedRecord.Unpack(plaintext, handle, keys.Scope, header.Epoch);
        CryptographicOperations.ZeroMemory(plaintext);
        return record is null ? OpenResult.Malformed : OpenResult.Opened;
    }

    // False if the keys were destroyed.
    private static bool TryDeriveKey(ScopedKeys keys, ReadOnlySpan<byte> handle, Span<byte> key)
    {
        ReadOnlySpan<byte> purpose = "reprise session v1"u8;
        Span<byte> info = stackalloc byte[purpose.Length + SHA256.HashSizeInBytes];
        purpose.CopyTo(info);
        SHA256.HashData(handle, info[purpose.Length..]);
        Span<byte> pseudorandom = stackalloc byte[ScopedKeys.KeyLength];
        if (!keys.TryCopySessionKey(pseudorandom))
            return false;
        HKDF.Expand(HashAlgorithmName.SHA256, pseudorandom, key, info);
        CryptographicOperations.ZeroMemory(pseudorandom);
        return true;
    }

    private static Span<byte> AssociatedData(ReadOnlySpan<byte> value, Scope scope, Span<byte> buffer)
    {
        value[..SealedSessionHeader.Length].CopyTo(buffer);
        scope.Bytes.CopyTo(buffer[SealedSessionHeader.Length..]);
        return buffer;
    }
}
