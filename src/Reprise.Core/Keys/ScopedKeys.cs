using System.Buffers.Binary;
using System.Security.Cryptography;
using Reprise.Core.Sessions;

namespace Reprise.Core.Keys;

/// <summary>
/// The keys of one epoch in one scope: ticket key name, ticket keys and session-sealing key, by HKDF-SHA256
/// (RFC 5869). A session of one scope does not even decrypt in another, nor does a stored one after a purge, nor a ticket after
/// tickets were switched off.
/// </summary>
public sealed class ScopedKeys : IDisposable
{
    /// <summary>Length of a ticket key name in bytes (RFC 5077 section 4).</summary>
    public const int NameLength = 16;

    /// <summary>Length of each key in bytes: AES-256, HMAC-SHA256, AES-256-GCM.</summary>
    public const int KeyLength = 32;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(NameLength + 3 * KeyLength, pinned: true);
    private volatile bool _destroyed;

    private ScopedKeys(Epoch epoch, Scope scope, long purge)
    {
        Epoch = epoch;
        Scope = scope;
        Purge = purge;
    }

    public Epoch Epoch { get; }

    public Scope Scope { get; }

    /// <summary>The profile's purge number; part of the session-sealing key alone, as a purge ends stored sessions and no tickets.</summary>
    public long Purge { get; }

    /// <summary>The name that a ticket carries in the clear; says nothing of the keys.</summary>
    public ReadOnlySpan<byte> Name => _bytes.AsSpan(0, NameLength);

    /// <summary>AES-256-CBC key of tickets.</summary>
    public ReadOnlySpan<byte> TicketCipherKey => _bytes.AsSpan(NameLength, KeyLength);

    /// <summary>HMAC-SHA256 key of tickets.</summary>
    public ReadOnlySpan<byte> TicketMacKey => _bytes.AsSpan(NameLength + KeyLength, KeyLength);

    /// <param name="epoch">With its secret.</param>
    /// <param name="scope">Of the profile.</param>
    /// <param name="purge">The profile's purge number.</param>
    /// <param name="ticketsFrom">Its <see cref="ResumptionSwitch.TicketsFrom"/>.</param>
    /// <exception cref="ArgumentException">The epoch is destroyed: it has no secret.</exception>
    /// <exception cref="ObjectDisposedException">It is being destroyed at this moment, by another thread.</exception>
    public static ScopedKeys Derive(Epoch epoch, Scope scope, long purge, long ticketsFrom)
    {
        if (epoch.Secret is null)
            throw new ArgumentException($"Epoch {epoch.Number} is destroyed.", nameof(epoch));
        Span<byte> secret = stackalloc byte[EpochSecret.Length];
        Span<byte> pseudorandom = stackalloc byte[KeyLength];
        epoch.Secret.CopyTo(secret);
        var keys = new ScopedKeys(epoch, scope, purge);
        HKDF.Extract(HashAlgorithmName.SHA256, secret, "reprise epoch v1"u8, pseudorandom);
        CryptographicOperations.ZeroMemory(secret);
        Span<byte> purges = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(purges, purge);
        Span<byte> tickets = stackalloc byte[ticketsFrom == 0 ? 0 : sizeof(long)];
        if (ticketsFrom != 0)
            BinaryPrimitives.WriteInt64BigEndian(tickets, ticketsFrom);
        Expand(pseudorandom, "ticket key name"u8, scope, tickets, keys._bytes.AsSpan(0, NameLength));
        Expand(pseudorandom, "ticket cipher"u8, scope, tickets, keys._bytes.AsSpan(NameLength, KeyLength));
        Expand(pseudorandom, "ticket mac"u8, scope, tickets, keys._bytes.AsSpan(NameLength + KeyLength, KeyLength));
        Expand(pseudorandom, "session"u8, scope, purges, keys._bytes.AsSpan(NameLength + 2 * KeyLength, KeyLength));
        CryptographicOperations.ZeroMemory(pseudorandom);
        return keys;
    }

    /// <summary>
    /// Copies what the key of each stored session is derived from; the caller zeroes its copy. Whole or not at all: whoever reads while
    /// another thread destroys must not go on with zeros, which would make keys that anybody can derive.
    /// </summary>
    /// <returns>False if the keys are destroyed.</returns>
    internal bool TryCopySessionKey(Span<byte> key)
    {
        _bytes.AsSpan(NameLength + 2 * KeyLength, KeyLength).CopyTo(key);
        Interlocked.MemoryBarrier(); // the flag is read after the bytes: not yet destroyed now means whole then
        return !_destroyed;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _destroyed = true;
        Interlocked.MemoryBarrier();
        CryptographicOperations.ZeroMemory(_bytes);
    }

    /// <summary>Epoch number and scope only.</summary>
    public override string ToString() => $"keys of epoch {Epoch.Number}, scope {Scope}";

    private static void Expand(ReadOnlySpan<byte> pseudorandom, ReadOnlySpan<byte> purpose, Scope scope, ReadOnlySpan<byte> number, Span<byte> output)
    {
        // A scope has one length and so has a number, so no two infos can be the same bytes.
        Span<byte> info = stackalloc byte[purpose.Length + 1 + Scope.Length + number.Length];
        purpose.CopyTo(info);
        info[purpose.Length] = 0;
        scope.Bytes.CopyTo(info[(purpose.Length + 1)..]);
        number.CopyTo(info[(purpose.Length + 1 + Scope.Length)..]);
        HKDF.Expand(HashAlgorithmName.SHA256, pseudorandom, output, info);
    }
}
