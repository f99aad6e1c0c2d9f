using System.Security.Cryptography;

namespace Reprise.Edge.Reload;

/// <summary>What a file holds and whether it may have changed. Links are followed: it is what they lead to that counts.</summary>
internal static class FileContent
{
    private static readonly byte[] Nothing = new byte[SHA256.HashSizeInBytes];

    /// <summary>SHA-256 of the content; of no content if it cannot be read.</summary>
    public static byte[] Hash(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return SHA256.HashData(stream);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Nothing;
        }
    }

    /// <summary>Length and time of the last change; looked at often, and so without reading.</summary>
    public static (long Length, long Changed) Stamp(string path)
    {
        try
        {
            // By an open file: by path it would be a link's own times.
            using var file = File.OpenHandle(path);
            return (RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file).Ticks);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return (-1, 0);
        }
    }
}
