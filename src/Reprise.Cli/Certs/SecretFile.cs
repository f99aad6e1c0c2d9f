using System.Security.Cryptography;

namespace Reprise.Cli.Certs;

/// <summary>
/// The secret that key services seal the stored epochs under: 32 random bytes in base64, one line, mode 0600. Every key service of a
/// cluster is given the same; nobody else needs it.
/// </summary>
internal static class KeyEncryptionKey
{
    private const int Length = 32;

    /// <exception cref="IOException">The file is there already.</exception>
    public static void Write(string file)
    {
        Span<byte> key = stackalloc byte[Length];
        Span<char> text = stackalloc char[(Length + 2) / 3 * 4];
        RandomNumberGenerator.Fill(key);
        try
        {
            Convert.TryToBase64Chars(key, text, out _);
            using var writer = OwnerFile.Create(file, OwnerFile.OwnerOnly);
            writer.Write(text);
            writer.Write('\n');
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            text.Clear();
        }
    }
}
