using System.Security.Cryptography;

namespace Reprise.Core.Keys;

/// <summary>
/// The 32 random bytes from which all keys of an epoch are derived. Zeroed on dispose; compared in fixed time;
/// <see cref="ToString"/> never shows them.
/// </summary>
public sealed class EpochSecret : IDisposable
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 32;

    private readonly byte[] _bytes;
    private readonly Lock _gate = new();
    private bool _disposed;

    private EpochSecret(byte[] bytes) => _bytes = bytes;

    /// <summary>A fresh secret from the system's random generator.</summary>
    public static EpochSecret Create()
    {
        // Pinned, so that the collector leaves no copies behind that zeroing would miss.
        var bytes = GC.AllocateUninitializedArray<byte>(Length, pinned: true);
        RandomNumberGenerator.Fill(bytes);
        return new EpochSecret(bytes);
    }

    /// <summary>Takes a copy of a secret received from elsewhere.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes, or one byte repeated: no generator makes those, faults do.</exception>
    public static EpochSecret Import(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
            throw new ArgumentException($"An epoch secret is {Length} bytes; got {bytes.Length}.", nameof(bytes));
        if (bytes.IndexOfAnyExcept(bytes[0]) < 0)
            throw new ArgumentException("An epoch secret of one repeated byte is refused.", nameof(bytes));
        var copy = GC.AllocateUninitializedArray<byte>(Length, pinned: true);
        bytes.CopyTo(copy);
        return new EpochSecret(copy);
    }

    /// <summary>Copies the bytes out, for derivation and for the wire; the caller zeroes its copy.</summary>
    /// <remarks>
    /// Whole or not at all: whoever reads while another thread disposes gets the secret or the exception, never the
    /// zeros, which would make keys that anybody can derive.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The secret was destroyed.</exception>
    public void CopyTo(Span<byte> destination)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _bytes.CopyTo(destination);
        }
    }

    /// <summary>Whether both hold the same bytes, in time that does not depend on them.</summary>
    /// <exception cref="ObjectDisposedException">One of them was destroyed.</exception>
    public bool FixedTimeEquals(EpochSecret other)
    {
        Span<byte> mine = stackalloc byte[Length];
        Span<byte> theirs = stackalloc byte[Length];
        try
        {
            CopyTo(mine);
            other.CopyTo(theirs);
            return CryptographicOperations.FixedTimeEquals(mine, theirs);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(mine);
            CryptographicOperations.ZeroMemory(theirs);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            CryptographicOperations.ZeroMemory(_bytes);
        }
    }

    /// <summary>Zeroes all of these.</summary>
    public static void DisposeAll(IEnumerable<EpochSecret> secrets)
    {
        foreach (var secret in secrets)
            secret.Dispose();
    }

    /// <summary>What of these epochs' secrets the others do not hold, by identity.</summary>
    internal static IEnumerable<EpochSecret> NotHeld(IEnumerable<Epoch> epochs, IReadOnlyCollection<Epoch> others) =>
        from epoch in epochs
        where epoch.Secret is not null && !others.Any(kept => ReferenceEquals(kept.Secret, epoch.Secret))
        select epoch.Secret;

    /// <summary>The type's name only.</summary>
    public override string ToString() => nameof(EpochSecret);
}
