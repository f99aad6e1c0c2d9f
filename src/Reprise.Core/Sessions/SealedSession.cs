using System.Buffers.Binary;
using System.Security.Cryptography;
using Google.Protobuf;
using Reprise.Core.Keys;

namespace Reprise.Core.Sessions;

/// <summary>
/// The value of a stored session: version (1), epoch (8, big-endian), nonce (12), AES-256-GCM of the record, tag (16).
/// Each session has a key of its own, derived from epoch, scope and handle; version, epoch and scope are authenticated with it.
/// A value opens only on a node that has the epoch, in the scope it was sealed in, for the client that presents its handle.
/// </summary>
public static class SealedSession
{
    private const byte Version = 1;
    private const int EpochOffset = 1;
    private const int NonceOffset = EpochOffset + sizeof(long);
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeaderLength = NonceOffset + NonceLength;

    /// <summary>Bytes that sealing adds to a record.</summary>
    public const int Overhead = HeaderLength + TagLength;

    /// <param name="keys">Of the sealing epoch and the session's scope.</param>
    /// <param name="handle">TLS 1.2 session ID or TLS 1.3 handle.</param>
    /// <param name="record">What to seal.</param>
    public static byte[] Seal(ScopedKeys keys, ReadOnlySpan<byte> handle, SessionRecord record)
    {
        var plaintext = new V1.SessionRecord { Metadata = record.Metadata.ToWire(), Der = UnsafeByteOperations.UnsafeWrap(record.Der) }.ToByteArray();
        var value = new byte[Overhead + plaintext.Length];
        value[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(EpochOffset), keys.Epoch.Number);
        RandomNumberGenerator.Fill(value.AsSpan(NonceOffset, NonceLength));
        Span<byte> key = stackalloc byte[ScopedKeys.KeyLength];
        DeriveKey(keys, handle, key);
        using (var gcm = new AesGcm(key, TagLength))
        {
            gcm.Encrypt(
                value.AsSpan(NonceOffset, NonceLength), plaintext, value.AsSpan(HeaderLength, plaintext.Length), value.AsSpan(^TagLength..),
                AssociatedData(value, keys.Scope, stackalloc byte[NonceOffset + Scope.Length]));
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
        if (value[0] > Version)
            return OpenResult.NewerFormat;
        if (value.Length < Overhead)
            return OpenResult.Malformed;
        if (ring.FindEpoch(BinaryPrimitives.ReadInt64BigEndian(value[EpochOffset..])) is not { } keys)
            return OpenResult.UnknownEpoch;
        if (!keys.Epoch.Opens(now))
            return OpenResult.Retired;

        Span<byte> key = stackalloc byte[ScopedKeys.KeyLength];
        DeriveKey(keys, handle, key);
        var plaintext = new byte[value.Length - Overhead];
        try
        {
            using var gcm = new AesGcm(key, TagLength);
            gcm.Decrypt(
                value.Slice(NonceOffset, NonceLength), value[HeaderLength..^TagLength], value[^TagLength..], plaintext,
                AssociatedData(value, keys.Scope, stackalloc byte[NonceOffset + Scope.Length]));
        }
        catch (AuthenticationTagMismatchException)
        {
            return OpenResult.Foreign;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        return TryParse(plaintext, out record) ? OpenResult.Opened : OpenResult.Malformed;
    }

    private static bool TryParse(byte[] plaintext, out SessionRecord? record)
    {
        record = null;
        try
        {
            var wire = V1.SessionRecord.Parser.ParseFrom(plaintext);
            if (!SessionMetadata.TryFromWire(wire.Metadata, out var metadata))
                return false;
            record = new SessionRecord(metadata, wire.Der.ToByteArray());
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private static void DeriveKey(ScopedKeys keys, ReadOnlySpan<byte> handle, Span<byte> key)
    {
        ReadOnlySpan<byte> purpose = "reprise session v1"u8;
        Span<byte> info = stackalloc byte[purpose.Length + SHA256.HashSizeInBytes];
        purpose.CopyTo(info);
        SHA256.HashData(handle, info[purpose.Length..]);
        HKDF.Expand(HashAlgorithmName.SHA256, keys.SessionKey, key, info);
    }

    private static Span<byte> AssociatedData(ReadOnlySpan<byte> value, Scope scope, Span<byte> buffer)
    {
        value[..NonceOffset].CopyTo(buffer);
        scope.Bytes.CopyTo(buffer[NonceOffset..]);
        return buffer;
    }
}
