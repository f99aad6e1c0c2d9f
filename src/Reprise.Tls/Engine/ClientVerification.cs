using System.Security.Cryptography.X509Certificates;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>Authorities and revocation lists of a profile in an X509_STORE, and chains verified by it. OpenSSL verifies; nothing is decided here.</summary>
internal static unsafe class ClientVerification
{
    /// <summary>Of a client's Certificate message. OpenSSL's own limit is 100 KB, more than a TLS 1.2 ticket can hold.</summary>
    public const int LongestMessage = 32 * 1024;

    /// <summary>Gives a context the profile's authorities: their names for clients to read, and a store to verify by.</summary>
    /// <exception cref="OpenSslException">A file cannot be used; names it.</exception>
    public static IReadOnlyList<RevocationList> Require(SafeSslContextHandle context, TlsClientAuth options)
    {
        IReadOnlyList<RevocationList> lists = [];
        context.Lend(0, (_, ctx) =>
        {
            lists = Require(ctx, options);
            return 0;
        });
        return lists;
    }

    private static IReadOnlyList<RevocationList> Require(nint ctx, TlsClientAuth options)
    {
        LibCrypto.ERR_clear_error();
        var store = LibCrypto.X509_STORE_new();
        if (store == 0)
            throw OpenSslException.FromQueue("X509_STORE_new");
        try
        {
            using var authorities = AuthorityFile.Read(options.Authorities);
            foreach (var authority in authorities.Certificates)
            {
                if (LibCrypto.X509_STORE_add_cert(store, authority) != 1 || LibSsl.SSL_CTX_add_client_CA(ctx, authority) != 1)
                    throw OpenSslException.FromQueue($"{options.Authorities}: certificate refused");
            }

            var lists = RevocationFile.Add(store, options.RevocationLists, authorities);
            if (lists.Count > 0)
                _ = LibCrypto.X509_STORE_set_flags(store, LibCrypto.X509_V_FLAG_CRL_CHECK | LibCrypto.X509_V_FLAG_CRL_CHECK_ALL);
            _ = LibCrypto.X509_STORE_set_depth(store, options.Depth);
            // 1: takes a reference of its own. It is among what SSL_set_SSL_CTX copies.
            if (LibSsl.SSL_CTX_ctrl(ctx, LibSsl.SSL_CTRL_SET_VERIFY_CERT_STORE, 1, (void*)store) != 1)
                throw OpenSslException.FromQueue("SSL_CTX_set1_verify_cert_store");
            Callbacks.VerifyClients(ctx);
            return lists;
        }
        finally
        {
            LibCrypto.X509_STORE_free(store);
        }
    }

    /// <summary>Verifies as libssl does in a full handshake, by the same store.</summary>
    /// <param name="ssl">With its profile's context.</param>
    /// <param name="leaf">X509, borrowed.</param>
    /// <param name="rest">Intermediates, DER after DER.</param>
    /// <returns>The chain that holds now, or null.</returns>
    public static ClientChain? VerifyAgain(nint ssl, nint leaf, ReadOnlySpan<byte> rest)
    {
        nint store = 0; // borrowed: the SSL keeps it
        LibSsl.SSL_ctrl(ssl, LibSsl.SSL_CTRL_GET_VERIFY_CERT_STORE, 0, &store);
        var untrusted = LibCrypto.OPENSSL_sk_new_null();
        var context = LibCrypto.X509_STORE_CTX_new();
        try
        {
            if (store == 0 || untrusted == 0 || context == 0 || !TryFill(untrusted, rest))
                return null;
            fixed (byte* purpose = "ssl_client\0"u8)
            {
                if (LibCrypto.X509_STORE_CTX_init(context, store, leaf, untrusted) != 1 || LibCrypto.X509_STORE_CTX_set_default(context, purpose) != 1)
                    return null;
            }

            LibCrypto.X509_VERIFY_PARAM_set_auth_level(LibCrypto.X509_STORE_CTX_get0_param(context), LibSsl.SSL_get_security_level(ssl));
            return LibCrypto.X509_verify_cert(context) == 1 ? Read(LibCrypto.X509_STORE_CTX_get0_chain(context)) : null;
        }
        finally
        {
            LibCrypto.X509_STORE_CTX_free(context);
            for (var i = LibCrypto.OPENSSL_sk_num(untrusted) - 1; i >= 0; i--)
                LibCrypto.X509_free(LibCrypto.OPENSSL_sk_value(untrusted, i));
            LibCrypto.OPENSSL_sk_free(untrusted);
            LibCrypto.ERR_clear_error();
        }
    }

    /// <summary>A verified chain without its root: that is ours.</summary>
    /// <param name="chain">STACK_OF(X509), borrowed; not empty.</param>
    public static ClientChain Read(nint chain)
    {
        var count = LibCrypto.OPENSSL_sk_num(chain);
        if (count < 1)
            throw new InvalidOperationException("No chain of a verified client.");
        var rest = new List<byte>();
        for (var i = 1; i < count - 1; i++)
            rest.AddRange(Encode(LibCrypto.OPENSSL_sk_value(chain, i)));
        return new ClientChain(Encode(LibCrypto.OPENSSL_sk_value(chain, 0)), [.. rest]);
    }

    /// <param name="certificate">X509, borrowed.</param>
    public static byte[] Encode(nint certificate)
    {
        var size = LibCrypto.i2d_X509(certificate, null);
        if (size <= 0)
            throw OpenSslException.FromQueue("i2d_X509");
        var der = new byte[size];
        fixed (byte* start = der)
        {
            var cursor = start;
            _ = LibCrypto.i2d_X509(certificate, &cursor);
        }

        return der;
    }

    /// <param name="name">X509_NAME, borrowed.</param>
    public static string NameOf(nint name)
    {
        var size = LibCrypto.i2d_X509_NAME(name, null);
        if (size <= 0)
            return "?";
        var der = new byte[size];
        fixed (byte* start = der)
        {
            var cursor = start;
            _ = LibCrypto.i2d_X509_NAME(name, &cursor);
        }

        try
        {
            return new X500DistinguishedName(der).Name;
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return "?"; // a string of a kind that .NET does not read
        }
    }

    private static bool TryFill(nint stack, ReadOnlySpan<byte> certificates)
    {
        fixed (byte* start = certificates)
        {
            var end = start + certificates.Length;
            for (var cursor = start; cursor < end;)
            {
                var certificate = LibCrypto.d2i_X509(null, &cursor, (nint)(end - cursor));
                if (certificate == 0)
                    return false;
                if (LibCrypto.OPENSSL_sk_push(stack, certificate) > 0)
                    continue; // the stack's now
                LibCrypto.X509_free(certificate);
                return false;
            }
        }

        return true;
    }
}
