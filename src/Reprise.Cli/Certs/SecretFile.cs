using System.Security.Cryptography;

namespace Reprise.Cli.Certs;

/// <summary>A secret by itself: 32 random bytes in base64, one line, mode 0600.</summary>
internal static class SecretFile
{
    private const int Length = 32;

    /// <exception cref="IOException">The file is there already.</exception>
    public static void Write(string file)
    {
        Span<byte> secret = stackalloc byte[Length];
        Span<char> text = stackalloc char[(Length + 2) / 3 * 4];
        RandomNumberGenerator.Fill(secret);
        try
        {
            Convert.TryToBase64Chars(secret, text, out _);
            using var writer = OwnerFile.Create(file, OwnerFile.OwnerOnly);
            writer.Write(text);
            writer.Write('\n');
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            text.Clear();
        }
    }
}
