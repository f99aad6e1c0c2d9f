using System.Security.Cryptography;

namespace Reprise.Tls;

/// <summary>Keys of tickets of one epoch (RFC 5077 section 4: name, AES-CBC, HMAC-SHA256). <see cref="ToString"/> shows the epoch only.</summary>
public sealed class TicketKey : IDisposable
{
    public const int NameLength = 16;
    public const int KeyLength = 32;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(NameLength + 2 * KeyLength, pinned: true);
    private volatile bool _destroyed;

    /// <param name="epoch">Number of the epoch the keys are derived from.</param>
    /// <param name="name">16 bytes, sent in the clear.</param>
    /// <param name="cipherKey">32 bytes.</param>
    /// <param name="macKey">32 bytes.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public TicketKey(long epoch, ReadOnlySpan<byte> name, ReadOnlySpan<byte> cipherKey, ReadOnlySpan<byte> macKey)
    {
        if (name.Length != NameLength || cipherKey.Length != KeyLength || macKey.Length != KeyLength)
            throw new ArgumentException($"A ticket key is a name of {NameLength} and two keys of {KeyLength} bytes.", nameof(name));
        Epoch = epoch;
        name.CopyTo(_bytes);
        cipherKey.CopyTo(_bytes.AsSpan(NameLength));
        macKey.CopyTo(_bytes.AsSpan(NameLength + KeyLength));
    }

    public long Epoch { get; }

    public ReadOnlySpan<byte> Name => _bytes.AsSpan(0, NameLength);

    /// <summary>
    /// Copies cipher key and MAC key, one after the other. A handshake may hold a key that is destroyed meanwhile, on another
    /// thread: it must not seal under zeros, whole or in part.
    /// </summary>
    /// <param name="keys">2 × <see cref="KeyLength"/> bytes; to be zeroed by the caller.</param>
    /// <returns>False if the key is destroyed.</returns>
    internal bool TryCopyKeys(Span<byte> keys)
    {
        _bytes.AsSpan(NameLength).CopyTo(keys);
        Interlocked.MemoryBarrier(); // the flag is read after the bytes: not yet destroyed now means whole then
        return !_destroyed;
    }

    /// <summary>
    /// Opens a ticket outside of a handshake, as OpenSSL does in one (RFC 5077 section 4): name, IV (16), AES-256-CBC of the session,
    /// HMAC-SHA256 (32) over all that.
    /// </summary>
    /// <param name="ticket">Any bytes.</param>
    /// <returns>The session's DER, secret and the caller's to zero; null if it is not of this key, or the key is destroyed.</returns>
    public byte[]? Open(ReadOnlySpan<byte> ticket)
    {
        const int IvLength = 16;
        const int Overhead = NameLength + IvLength + HMACSHA256.HashSizeInBytes;
        if (ticket.Length <= Overhead || !ticket.StartsWith(Name))
            return null;
        Span<byte> keys = stackalloc byte[2 * KeyLength];
        try
        {
            if (!TryCopyKeys(keys))
                return null;
            Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
            HMACSHA256.HashData(keys[KeyLength..], ticket[..^mac.Length], mac);
            if (!CryptographicOperations.FixedTimeEquals(mac, ticket[^mac.Length..]))
                return null;
            using var aes = Aes.Create();
            aes.SetKey(keys[..KeyLength]);
            return aes.DecryptCbc(ticket[(NameLength + IvLength)..^mac.Length], ticket.Slice(NameLength, IvLength));
        }
        catch (CryptographicException)
        {
            return null; // sealed under our key, but not so
        }
        finally
        {
            CryptographicOperations.ZeroMemory(keys);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _destroyed = true;
        Interlocked.MemoryBarrier();
        CryptographicOperations.ZeroMemory(_bytes.AsSpan(NameLength)); // the name is public, and may be asked for still
    }

    public override string ToString() => $"ticket key of epoch {Epoch}";
}
