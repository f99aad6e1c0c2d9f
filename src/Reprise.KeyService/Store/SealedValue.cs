using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Reprise.KeyService.Store;

/// <summary>
/// What leaves the process for the store: AES-256-GCM under a <see cref="KeyEncryptionKey"/>, bound to the name that it is stored under.
/// Whoever can read the store learns sizes and times; whoever can write to it can delete, or put an older value back in its own place.
/// </summary>
/// <remarks>
/// Format version (1 byte), key id (8), nonce (12), ciphertext, tag (16). The header and the name are the associated data. Nonces are random,
/// for which NIST SP 800-38D section 8.3 allows 2^32 seals under one key: a hundred nodes make that many in four years, by their heartbeats.
/// </remarks>
internal static class SealedValue
{
    private const byte Format = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeaderLength = 1 + KeyEncryptionKey.IdLength + NonceLength;

    /// <param name="key">To seal under.</param>
    /// <param name="name">That it will be stored under: the key, and for a hash the field.</param>
    /// <param name="plain">Stays the caller's to zero.</param>
    public static byte[] Seal(KeyEncryptionKey key, string name, ReadOnlySpan<byte> plain)
    {
        var sealedBytes = new byte[HeaderLength + plain.Length + TagLength];
        sealedBytes[0] = Format;
        key.Id.CopyTo(sealedBytes.AsSpan(1));
        var nonce = sealedBytes.AsSpan(1 + KeyEncryptionKey.IdLength, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key.Sealing, TagLength);
        cipher.Encrypt(nonce, plain, sealedBytes.AsSpan(HeaderLength, plain.Length), sealedBytes.AsSpan(^TagLength..), AssociatedData(sealedBytes, name));
        return sealedBytes;
    }

    /// <param name="keys">That may have sealed it.</param>
    /// <param name="name">That it was stored under.</param>
    /// <param name="value">Anything: whoever can write to the store may have put it there.</param>
    /// <param name="plain">Set if opened; the caller's to zero.</param>
    /// <param name="key">Set if opened: the one it was sealed under.</param>
    public static Unsealed Open(
        IReadOnlyList<KeyEncryptionKey> keys, string name, ReadOnlySpan<byte> value, out byte[]? plain, out KeyEncryptionKey? key)
    {
        plain = null;
        key = null;
        // The format is the first byte in every version, lengths are its own.
        if (value.Length > 0 && value[0] != Format)
            return Unsealed.UnknownFormat;
        if (value.Length < HeaderLength + TagLength)
            return Unsealed.Truncated;
        if (!TryFind(keys, value.Slice(1, KeyEncryptionKey.IdLength), out var found))
            return Unsealed.UnknownKey;
        var opened = new byte[value.Length - HeaderLength - TagLength];
        try
        {
            using var cipher = new AesGcm(found.Sealing, TagLength);
            cipher.Decrypt(
                value.Slice(1 + KeyEncryptionKey.IdLength, NonceLength), value[HeaderLength..^TagLength], value[^TagLength..], opened, AssociatedData(value, name));
        }
        catch (AuthenticationTagMismatchException)
        {
            return Unsealed.Tampered;
        }

        (plain, key) = (opened, found);
        return Unsealed.Opened;
    }

    private static bool TryFind(IReadOnlyList<KeyEncryptionKey> keys, ReadOnlySpan<byte> id, [NotNullWhen(true)] out KeyEncryptionKey? found)
    {
        found = null;
        foreach (var key in keys)
        {
            if (key.Id.SequenceEqual(id))
                found ??= key;
        }

        return found is not null;
    }

    private static byte[] AssociatedData(ReadOnlySpan<byte> value, string name) => [.. value[..HeaderLength], .. Encoding.UTF8.GetBytes(name)];
}
