using System.Security.Cryptography;
using Reprise.Edge.Profiles;
using Reprise.Tls;
using Reprise.Tls.Interop;

namespace Reprise.Edge.Certificates;

/// <summary>A PEM file with one private key.</summary>
internal static class PrivateKeyFile
{
    private const string Allowed = "a PEM file with one private key: PKCS#8, SEC1 or PKCS#1";

    /// <exception cref="ProfileException">It does not hold one key, or the passphrase does not open it.</exception>
    public static TlsPrivateKey Read(CertificateOptions options, string section, ReadOnlySpan<byte> passphrase)
    {
        var key = $"{section}:Key is '{options.Key}'";
        var pem = File.ReadAllBytes(options.Key);
        try
        {
            var count = Count(pem, out var encrypted);
            if (count != 1)
                throw new ProfileException($"{key}, which holds {(count == 0 ? "no private key" : $"{count} private keys")}; allowed: {Allowed}");
            if (encrypted && passphrase.IsEmpty)
                throw new ProfileException($"{key}, which is encrypted, without PasswordFile; allowed: PasswordFile with its passphrase, or a key that is not encrypted");
            try
            {
                return TlsPrivateKey.FromPem(pem, passphrase);
            }
            catch (OpenSslException fault)
            {
                throw new ProfileException(encrypted
                    ? $"{section}:PasswordFile is '{options.PasswordFile}', which does not open '{options.Key}'; allowed: a file whose first line is the passphrase ({fault.Message})"
                    : $"{key}, which cannot be read; allowed: {Allowed} ({fault.Message})");
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pem);
        }
    }

    // OpenSSL would take the first of several without a word.
    private static int Count(ReadOnlySpan<byte> pem, out bool encrypted)
    {
        encrypted = false;
        var count = 0;
        var rest = pem;
        while (rest.IndexOf("-----BEGIN "u8) is >= 0 and var start)
        {
            rest = rest[(start + "-----BEGIN "u8.Length)..];
            var end = rest.IndexOf("-----BEGIN "u8);
            var block = end < 0 ? rest : rest[..end];
            var label = block[..Math.Max(block.IndexOf("-----"u8), 0)];
            if (!label.EndsWith("PRIVATE KEY"u8))
                continue;
            count++;
            encrypted |= label.SequenceEqual("ENCRYPTED PRIVATE KEY"u8) || block.IndexOf("Proc-Type: 4,ENCRYPTED"u8) >= 0; // RFC 1421 section 4.6.1.1
        }

        return count;
    }
}
