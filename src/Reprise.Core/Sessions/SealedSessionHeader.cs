using System.Buffers.Binary;
using Reprise.Core.Keys;

namespace Reprise.Core.Sessions;

/// <summary>
/// What a stored session shows without its key, 25 bytes, big-endian: version (1), epoch (8), scope tag (4), purge number (8),
/// sealing time in Unix seconds (4). Until the value is opened it is only a claim: good for sorting, counting and dropping.
/// </summary>
/// <param name="Epoch">Sealed under this.</param>
/// <param name="ScopeTag"><see cref="Scope.Tag"/>.</param>
/// <param name="Purge">The profile's purge number as the sealing node knew it.</param>
/// <param name="SealedAt">Whole seconds.</param>
public readonly record struct SealedSessionHeader(long Epoch, uint ScopeTag, long Purge, DateTimeOffset SealedAt)
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 25;

    internal const byte Version = 1;

    private const int EpochOffset = 1;
    private const int ScopeTagOffset = EpochOffset + sizeof(long);
    private const int PurgeOffset = ScopeTagOffset + sizeof(uint);
    private const int SealedAtOffset = PurgeOffset + sizeof(long);

    /// <summary>Reads it off any bytes from the store, which may be more than the header. False if they are not of this format.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out SealedSessionHeader header)
    {
        if (value.Length < Length || value[0] != Version)
        {
            header = default;
            return false;
        }

        header = new SealedSessionHeader(
            BinaryPrimitives.ReadInt64BigEndian(value[EpochOffset..]),
            BinaryPrimitives.ReadUInt32BigEndian(value[ScopeTagOffset..]),
            BinaryPrimitives.ReadInt64BigEndian(value[PurgeOffset..]),
            DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(value[SealedAtOffset..])));
        return true;
    }

    internal static void Write(Span<byte> value, ScopedKeys keys, DateTimeOffset now)
    {
        value[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(value[EpochOffset..], keys.Epoch.Number);
        BinaryPrimitives.WriteUInt32BigEndian(value[ScopeTagOffset..], keys.Scope.Tag);
        BinaryPrimitives.WriteInt64BigEndian(value[PurgeOffset..], keys.Purge);
        BinaryPrimitives.WriteUInt32BigEndian(value[SealedAtOffset..], (uint)Math.Clamp(now.ToUnixTimeSeconds(), 0, uint.MaxValue));
    }
}
