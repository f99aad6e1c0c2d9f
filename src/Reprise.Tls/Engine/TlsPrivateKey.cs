using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>
/// A private key in OpenSSL's keeping: never again bytes of ours. Disposed once the contexts that use it are made; they hold references of
/// their own.
/// </summary>
public sealed unsafe class TlsPrivateKey : IDisposable
{
    private readonly SafePrivateKeyHandle _key;

    private TlsPrivateKey(nint key) => _key = new SafePrivateKeyHandle(key);

    /// <param name="pem">PKCS#8, SEC1 or PKCS#1; the first private key counts.</param>
    /// <param name="passphrase">Opens an encrypted one; not looked at otherwise.</param>
    /// <exception cref="OpenSslException">No private key, one that OpenSSL does not know, or not the passphrase.</exception>
    public static TlsPrivateKey FromPem(ReadOnlySpan<byte> pem, ReadOnlySpan<byte> passphrase = default)
    {
        NativeLibraries.EnsureUsable();
        LibCrypto.ERR_clear_error();
        fixed (byte* text = pem, secret = passphrase)
        {
            var bio = LibCrypto.BIO_new_mem_buf(text, pem.Length); // read-only view of the pinned bytes
            try
            {
                // The callback also answers "no passphrase": without one OpenSSL would ask on the terminal.
                var given = new Callbacks.Passphrase(secret, passphrase.Length);
                return Own(LibCrypto.PEM_read_bio_PrivateKey(bio, null, Callbacks.PassphraseCallback, &given));
            }
            finally
            {
                _ = LibCrypto.BIO_free(bio);
            }
        }
    }

    /// <param name="der">PKCS#8, unencrypted; the caller zeroes it.</param>
    /// <exception cref="OpenSslException">Not a private key, or not one that OpenSSL knows.</exception>
    public static TlsPrivateKey FromPkcs8(ReadOnlySpan<byte> der)
    {
        NativeLibraries.EnsureUsable();
        LibCrypto.ERR_clear_error();
        fixed (byte* start = der)
        {
            var cursor = start;
            return Own(LibCrypto.d2i_AutoPrivateKey(null, &cursor, der.Length));
        }
    }

    /// <summary>Whether it is the key of this certificate (DER).</summary>
    public bool BelongsTo(ReadOnlySpan<byte> certificate)
    {
        fixed (byte* start = certificate)
        {
            var cursor = start;
            var x509 = LibCrypto.d2i_X509(null, &cursor, certificate.Length); // owned here
            var belongs = x509 != 0 && Lend(x509, LibCrypto.X509_check_private_key) == 1;
            LibCrypto.X509_free(x509);
            LibCrypto.ERR_clear_error();
            return belongs;
        }
    }

    /// <summary>Lends the EVP_PKEY for one call.</summary>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    internal int Lend(nint argument, Func<nint, nint, int> call)
    {
        var held = false;
        try
        {
            _key.DangerousAddRef(ref held);
            return call(argument, _key.DangerousGetHandle());
        }
        finally
        {
            if (held)
                _key.DangerousRelease();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private static TlsPrivateKey Own(nint key) => key != 0 ? new TlsPrivateKey(key) : throw OpenSslException.FromQueue("private key");
}
