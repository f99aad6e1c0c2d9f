using System.Text;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>Makes the SSL_CTX of a profile. Every context has all callbacks: OpenSSL asks the first one of a connection for
/// sessions and tickets and the current one for ClientHello and ALPN, and both find the profile from the connection.</summary>
internal static unsafe class ServerContext
{
    /// <param name="options">The profile's.</param>
    /// <param name="leaves">For each certificate its X509*, borrowed from the context: to be compared, for as long as that lives.</param>
    public static SafeSslContextHandle Create(TlsProfileOptions options, out nint[] leaves)
    {
        LibCrypto.ERR_clear_error();
        var handle = new SafeSslContextHandle(LibSsl.SSL_CTX_new(LibSsl.TLS_server_method()));
        if (handle.IsInvalid)
            throw OpenSslException.FromQueue("SSL_CTX_new");
        try
        {
            var ctx = handle.DangerousGetHandle(); // borrowed: the handle lives in this method and then in its owner
            SetPolicy(ctx, options);
            leaves = [.. options.Certificates.Select(certificate => Use(ctx, certificate))];
            Callbacks.Register(ctx);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static void SetPolicy(nint ctx, TlsProfileOptions options)
    {
        LibSsl.SSL_CTX_set_options(ctx,
            LibSsl.SSL_OP_NO_COMPRESSION | LibSsl.SSL_OP_NO_RENEGOTIATION | LibSsl.SSL_OP_CIPHER_SERVER_PREFERENCE |
            LibSsl.SSL_OP_PRIORITIZE_CHACHA);
        LibSsl.SSL_CTX_ctrl(ctx, LibSsl.SSL_CTRL_MODE,
            LibSsl.SSL_MODE_ENABLE_PARTIAL_WRITE | LibSsl.SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | LibSsl.SSL_MODE_RELEASE_BUFFERS |
            LibSsl.SSL_MODE_NO_AUTO_CHAIN, null); // a chain is what its file says, not what other certificates at hand would make of it
        LibSsl.SSL_CTX_ctrl(ctx, LibSsl.SSL_CTRL_SET_READ_AHEAD, 1, null); // one recv a flight, not two a record
        LibSsl.SSL_CTX_ctrl(ctx, LibSsl.SSL_CTRL_SET_SESS_CACHE_MODE,
            LibSsl.SSL_SESS_CACHE_SERVER | LibSsl.SSL_SESS_CACHE_NO_AUTO_CLEAR | LibSsl.SSL_SESS_CACHE_NO_INTERNAL, null);
        var minimum = options.Tls12Enabled ? LibSsl.TLS1_2_VERSION : LibSsl.TLS1_3_VERSION;
        var maximum = options.Tls13Enabled ? LibSsl.TLS1_3_VERSION : LibSsl.TLS1_2_VERSION;
        LibSsl.SSL_CTX_ctrl(ctx, LibSsl.SSL_CTRL_SET_MIN_PROTO_VERSION, minimum, null);
        LibSsl.SSL_CTX_ctrl(ctx, LibSsl.SSL_CTRL_SET_MAX_PROTO_VERSION, maximum, null);
        fixed (byte* list = Terminated(options.CipherList))
        {
            if (LibSsl.SSL_CTX_set_cipher_list(ctx, list) != 1)
                throw OpenSslException.FromQueue($"Cipher list '{options.CipherList}'");
        }

        fixed (byte* suites = Terminated(options.CipherSuites))
        {
            if (LibSsl.SSL_CTX_set_ciphersuites(ctx, suites) != 1)
                throw OpenSslException.FromQueue($"Cipher suites '{options.CipherSuites}'");
        }

        fixed (byte* groups = Terminated(options.Groups)) // as SSL_set_SSL_CTX does not copy it, ServerConnection does
        {
            if (LibSsl.SSL_CTX_ctrl(ctx, LibSsl.SSL_CTRL_SET_GROUPS_LIST, 0, groups) != 1)
                throw OpenSslException.FromQueue($"Groups '{options.Groups}'");
        }
    }

    /// <returns>The leaf's X509*, borrowed from the context: to be compared, for as long as that lives.</returns>
    private static nint Use(nint ctx, TlsCertificate certificate)
    {
        nint leaf;
        using (var chain = certificate.ChainPem.Pin())
        {
            var bio = LibCrypto.BIO_new_mem_buf(chain.Pointer, certificate.ChainPem.Length); // read-only view of the pinned bytes
            try
            {
                leaf = LibCrypto.PEM_read_bio_X509(bio, null, null, null);
                if (leaf == 0)
                    throw OpenSslException.FromQueue($"{certificate.Name}: no certificate in PEM");
                var used = LibSsl.SSL_CTX_use_certificate(ctx, leaf); // takes a reference of its own
                LibCrypto.X509_free(leaf);
                if (used != 1)
                    throw OpenSslException.FromQueue($"{certificate.Name}: certificate refused");
                nint next;
                while ((next = LibCrypto.PEM_read_bio_X509(bio, null, null, null)) != 0)
                {
                    var added = LibSsl.SSL_CTX_ctrl(ctx, LibSsl.SSL_CTRL_CHAIN_CERT, 1, (void*)next); // 1: add1, a reference of its own
                    LibCrypto.X509_free(next);
                    if (added != 1)
                        throw OpenSslException.FromQueue($"{certificate.Name}: chain certificate refused");
                }

                LibCrypto.ERR_clear_error(); // the loop ends with "no start line"
            }
            finally
            {
                _ = LibCrypto.BIO_free(bio);
            }
        }

        if (certificate.Key.Lend(ctx, LibSsl.SSL_CTX_use_PrivateKey) != 1 || LibSsl.SSL_CTX_check_private_key(ctx) != 1) // takes a reference of its own
            throw OpenSslException.FromQueue($"{certificate.Name}: the private key is not the certificate's");
        return leaf;
    }

    private static byte[] Terminated(string text) => Encoding.ASCII.GetBytes(text + '\0');
}
