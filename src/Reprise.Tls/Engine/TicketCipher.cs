using System.Security.Cryptography;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>Sets up OpenSSL's cipher and MAC of a ticket with one of our keys.</summary>
internal static unsafe class TicketCipher
{
    // Fetched once for the process: an implicit fetch at each ticket takes a lock and a lookup by name.
    private static readonly nint Aes256Cbc = Fetch();

    /// <summary>Fills in the name and a fresh IV.</summary>
    /// <returns>1; 0 if the key is destroyed; -1 on failure.</returns>
    public static int Seal(TicketKey key, byte* name, byte* iv, nint cipher, nint mac)
    {
        Span<byte> keys = stackalloc byte[2 * TicketKey.KeyLength];
        if (!key.TryCopyKeys(keys))
            return 0;
        key.Name.CopyTo(new Span<byte>(name, TicketKey.NameLength));
        var done = Seal(keys, iv, cipher, mac);
        CryptographicOperations.ZeroMemory(keys);
        return done ? 1 : -1;
    }

    /// <summary>
    /// Seals under a name and keys that nobody has. TLS 1.3 knows no empty ticket, and what OpenSSL 3.0 sends for none breaks
    /// clients: one that never opens costs its holder a full handshake.
    /// </summary>
    /// <returns>1, or -1 on failure.</returns>
    public static int SealForNobody(byte* name, byte* iv, nint cipher, nint mac)
    {
        Span<byte> keys = stackalloc byte[2 * TicketKey.KeyLength];
        RandomNumberGenerator.Fill(new Span<byte>(name, TicketKey.NameLength));
        RandomNumberGenerator.Fill(keys);
        var done = Seal(keys, iv, cipher, mac);
        CryptographicOperations.ZeroMemory(keys);
        return done ? 1 : -1;
    }

    /// <returns>1, or 0: what cannot be opened is a full handshake.</returns>
    public static int Open(TicketKey key, byte* iv, nint cipher, nint mac)
    {
        Span<byte> keys = stackalloc byte[2 * TicketKey.KeyLength];
        if (!key.TryCopyKeys(keys))
            return 0;
        bool done;
        fixed (byte* cipherKey = keys)
            done = LibCrypto.EVP_DecryptInit_ex(cipher, Aes256Cbc, 0, cipherKey, iv) == 1 && SetMac(keys[TicketKey.KeyLength..], mac);
        CryptographicOperations.ZeroMemory(keys);
        return done ? 1 : 0;
    }

    private static bool Seal(ReadOnlySpan<byte> keys, byte* iv, nint cipher, nint mac)
    {
        fixed (byte* cipherKey = keys)
        {
            return LibCrypto.RAND_bytes(iv, 16) == 1 && LibCrypto.EVP_EncryptInit_ex(cipher, Aes256Cbc, 0, cipherKey, iv) == 1 &&
                SetMac(keys[TicketKey.KeyLength..], mac);
        }
    }

    private static bool SetMac(ReadOnlySpan<byte> key, nint mac)
    {
        fixed (byte* macKey = key)
        fixed (byte* keyParameter = "key\0"u8, digestParameter = "digest\0"u8, digest = "SHA256\0"u8)
        {
            var parameters = stackalloc LibCrypto.OSSL_PARAM[3];
            parameters[0] = new() { key = keyParameter, data_type = LibCrypto.OSSL_PARAM_OCTET_STRING, data = macKey, data_size = TicketKey.KeyLength };
            parameters[1] = new() { key = digestParameter, data_type = LibCrypto.OSSL_PARAM_UTF8_STRING, data = digest, data_size = 6 };
            parameters[2] = default;
            return LibCrypto.EVP_MAC_CTX_set_params(mac, parameters) == 1;
        }
    }

    private static nint Fetch()
    {
        fixed (byte* name = "AES-256-CBC\0"u8)
        {
            var cipher = LibCrypto.EVP_CIPHER_fetch(0, name, null); // owned by the process for its life
            return cipher != 0 ? cipher : throw OpenSslException.FromQueue("EVP_CIPHER_fetch AES-256-CBC");
        }
    }
}
