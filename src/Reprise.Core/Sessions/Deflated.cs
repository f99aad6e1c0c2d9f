using System.IO.Compression;
using System.Security.Cryptography;

namespace Reprise.Core.Sessions;

/// <summary>RFC 1951 with the length known beforehand, so that nothing grows on what the bytes say.</summary>
internal static class Deflated
{
    public static byte[] Of(ReadOnlySpan<byte> bytes)
    {
        using var output = new MemoryStream(bytes.Length);
        using (var deflate = new DeflateStream(output, CompressionLevel.Optimal, leaveOpen: true))
            deflate.Write(bytes);
        return output.ToArray();
    }

    /// <summary>Fills the output exactly; false if the bytes make more, less, or nothing. Zeroes its copies.</summary>
    public static bool TryInflate(ReadOnlySpan<byte> deflated, Span<byte> output)
    {
        var bytes = deflated.ToArray();
        try
        {
            using var inflate = new DeflateStream(new MemoryStream(bytes), CompressionMode.Decompress);
            return inflate.ReadAtLeast(output, output.Length, throwOnEndOfStream: false) == output.Length && inflate.ReadByte() < 0;
        }
        catch (InvalidDataException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
