using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Reprise.KeyService.Store;

/// <summary>
/// The key that everything is sealed under before it goes to the store: 32 random bytes that an operator has made, from a mounted file.
/// Zeroed on dispose; <see cref="ToString"/> shows only by which name sealed values know it.
/// </summary>
internal sealed class KeyEncryptionKey : IDisposable
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 32;

    /// <summary>What is allowed in a file of one.</summary>
    public const string Allowed = "a file with 32 random bytes in base64, as `openssl rand -base64 32` makes them";

    /// <summary>Of <see cref="Id"/>, in bytes.</summary>
    public const int IdLength = 8;

    private const int LongestFile = 1024;

    private readonly byte[] _sealing = GC.AllocateUninitializedArray<byte>(Length, pinned: true);
    private readonly byte[] _id = new byte[IdLength];

    private KeyEncryptionKey(ReadOnlySpan<byte> key)
    {
        // The name is in the clear beside what is sealed: it must tell nothing of the key, nor of the key in use.
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, _id, salt: [], "reprise key-encryption key: name"u8);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, _sealing, salt: [], "reprise key-encryption key: sealing"u8);
    }

    /// <summary>In the header of what is sealed under it.</summary>
    public ReadOnlySpan<byte> Id => _id;

    /// <summary>For AES-256-GCM. Not to be kept.</summary>
    public ReadOnlySpan<byte> Sealing => _sealing;

    /// <summary>Reads a key from its file.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="key">Set on success; the caller's to dispose.</param>
    /// <param name="reason">On failure, why, in a few words that show nothing of the contents.</param>
    public static bool TryRead(string file, [NotNullWhen(true)] out KeyEncryptionKey? key, [NotNullWhen(false)] out string? reason)
    {
        key = null;
        byte[]? text = null;
        Span<byte> bytes = stackalloc byte[Length + 4];
        try
        {
            // Sized by what is there, so that a file of another kind is not read into memory.
            if (new FileInfo(file).Length > LongestFile)
                reason = "is too long";
            else if (!Decode(text = File.ReadAllBytes(file), bytes, out var written))
                reason = "is not base64";
            else if (written != Length)
                reason = "does not hold 32 bytes";
            else if (bytes[..Length].IndexOfAnyExcept(bytes[0]) < 0)
                reason = "holds one byte repeated";
            else
                (key, reason) = (new KeyEncryptionKey(bytes[..Length]), null);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            reason = "cannot be read";
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            CryptographicOperations.ZeroMemory(text);
        }

        return reason is null;
    }

    /// <summary>Whether both are the same key.</summary>
    public bool Is(KeyEncryptionKey other) => CryptographicOperations.FixedTimeEquals(_sealing, other._sealing);

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_sealing);

    /// <summary>The name in the header of what it has sealed.</summary>
    public override string ToString() => Convert.ToHexStringLower(_id);

    // More than fits is too long, which the length then says.
    private static bool Decode(ReadOnlySpan<byte> text, Span<byte> bytes, out int written)
    {
        var status = System.Buffers.Text.Base64.DecodeFromUtf8(text.Trim(" \t\r\n"u8), bytes, out _, out written);
        if (status is System.Buffers.OperationStatus.DestinationTooSmall)
            written = bytes.Length;
        return status is System.Buffers.OperationStatus.Done or System.Buffers.OperationStatus.DestinationTooSmall;
    }
}
