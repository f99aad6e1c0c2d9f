using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Google.Protobuf;

namespace Reprise.Core.Sessions;

/// <summary>
/// A record as bytes, small: what whoever opens it holds already (handle and scope, 64 bytes of some 220) is cut out, and a
/// session with a client certificate is deflated. Lossless. The bytes are secret.
/// </summary>
internal static class PackedRecord
{
    /// <summary>No session without a client certificate is as long as this, and what is in one does not deflate.</summary>
    private const int LeastDeflated = 512;

    /// <summary>A longer session is stored as it is; a record that says it inflates to more is refused unread.</summary>
    private const int MostInflated = 64 * 1024;

    /// <summary>The caller zeroes the result.</summary>
    public static byte[] Pack(SessionRecord record, ReadOnlySpan<byte> handle, Scope scope)
    {
        var wire = new V1.SessionRecord { Metadata = record.Metadata.ToWire() };
        wire.Metadata.Epoch = 0; // the header has it
        var rest = new byte[record.Der.Length + record.ClientRest.Length];
        var length = record.Der.Length;
        record.Der.CopyTo(rest, 0);
        wire.HandleAt = CutOut(rest, ref length, handle);
        wire.ScopeAt = CutOut(rest, ref length, scope.Bytes);
        // Together with the session, as names and policies in it stand in the client's own certificate too.
        record.ClientRest.Span.CopyTo(rest.AsSpan(length));
        wire.ClientRestLength = (uint)record.ClientRest.Length;
        length += record.ClientRest.Length;
        var deflated = length is >= LeastDeflated and <= MostInflated ? Deflate(rest, length) : null;
        if (deflated is not null)
            wire.InflatedLength = (uint)length;
        wire.Der = UnsafeByteOperations.UnsafeWrap(deflated ?? rest.AsMemory(0, length));
        var packed = wire.ToByteArray();
        CryptographicOperations.ZeroMemory(rest);
        if (deflated is { } copy)
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(copy).Span);
        return packed;
    }

    /// <summary>Null if the bytes are no record; never throws for what is in them.</summary>
    public static SessionRecord? Unpack(ReadOnlySpan<byte> packed, ReadOnlySpan<byte> handle, Scope scope, long epoch)
    {
        V1.SessionRecord? wire = null;
        try
        {
            wire = V1.SessionRecord.Parser.ParseFrom(packed);
            var cut = (wire.HandleAt > 0 ? handle.Length : 0) + (wire.ScopeAt > 0 ? Scope.Length : 0);
            var length = wire.InflatedLength > 0 ? (long)wire.InflatedLength : wire.Der.Length;
            if (wire.InflatedLength > MostInflated || !SessionMetadata.TryFromWire(wire.Metadata, out var metadata))
                return null;
            if (wire.ClientRestLength > length)
                return null;
            var der = new byte[length + cut];
            var complete = wire.InflatedLength == 0
                ? wire.Der.Span.TryCopyTo(der)
                : Deflated.TryInflate(wire.Der.Span, der.AsSpan(0, (int)length));
            var end = (int)(length - wire.ClientRestLength);
            var clientRest = der[end..(int)length];
            if (!complete || !PutBack(der, ref end, scope.Bytes, wire.ScopeAt) || !PutBack(der, ref end, handle, wire.HandleAt))
                return null;
            if (clientRest.Length > 0)
            {
                var whole = der;
                der = whole[..end];
                CryptographicOperations.ZeroMemory(whole);
            }

            return new SessionRecord(metadata with { Epoch = epoch }, der) { ClientRest = clientRest };
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
        finally
        {
            if (wire is not null)
                CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(wire.Der.Memory).Span);
        }
    }

    private static uint CutOut(byte[] bytes, ref int length, ReadOnlySpan<byte> part)
    {
        var at = part.Length < Scope.Length ? -1 : bytes.AsSpan(0, length).IndexOf(part); // shorter ones save nothing
        if (at < 0)
            return 0;
        bytes.AsSpan(at + part.Length, length - at - part.Length).CopyTo(bytes.AsSpan(at));
        length -= part.Length;
        return (uint)at + 1;
    }

    private static bool PutBack(byte[] bytes, ref int length, ReadOnlySpan<byte> part, uint place)
    {
        if (place == 0)
            return true;
        if (place - 1 > length)
            return false;
        var at = (int)place - 1;
        bytes.AsSpan(at, length - at).CopyTo(bytes.AsSpan(at + part.Length));
        part.CopyTo(bytes.AsSpan(at));
        length += part.Length;
        return true;
    }

    // Null where it would be longer than what it is made of.
    private static ReadOnlyMemory<byte>? Deflate(byte[] bytes, int length)
    {
        var buffer = new byte[length];
        using var output = new MemoryStream(buffer);
        try
        {
            using (var deflate = new DeflateStream(output, CompressionLevel.Optimal, leaveOpen: true))
                deflate.Write(bytes, 0, length);
            return buffer.AsMemory(0, (int)output.Position);
        }
        catch (NotSupportedException) // the buffer is full
        {
            CryptographicOperations.ZeroMemory(buffer);
            return null;
        }
    }
}
