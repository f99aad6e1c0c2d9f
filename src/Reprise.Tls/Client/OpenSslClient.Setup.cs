using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Reprise.Tls.Interop;

namespace Reprise.Tls.Client;

/// <summary>Context and connection objects.</summary>
public sealed unsafe partial class OpenSslClient
{
    private static SafeSslContextHandle CreateContext(OpenSslClientOptions options)
    {
        LibCrypto.ERR_clear_error();
        var context = new SafeSslContextHandle(LibSsl.SSL_CTX_new(LibSsl.TLS_client_method()));
        if (context.IsInvalid)
            throw OpenSslException.FromQueue("SSL_CTX_new");

        var ctx = context.DangerousGetHandle();
        if (!Trust(ctx, options.AuthorityFile))
        {
            context.Dispose();
            throw OpenSslException.FromQueue($"reading {(options.AuthorityFile is { } named ? $"the CA in {named}" : "this machine's CAs")}");
        }

        if (options.CertificateFile is { } certificate)
        {
            try
            {
                Present(ctx, certificate, options.KeyFile ?? certificate);
            }
            catch
            {
                context.Dispose();
                throw;
            }
        }

        var version = options.Version switch
        {
            SslProtocols.Tls12 => LibSsl.TLS1_2_VERSION,
            SslProtocols.Tls13 => LibSsl.TLS1_3_VERSION,
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Version, "Tls12 or Tls13"),
        };
        LibSsl.SSL_CTX_ctrl(ctx, LibSsl.SSL_CTRL_SET_MIN_PROTO_VERSION, version, null);
        LibSsl.SSL_CTX_ctrl(ctx, LibSsl.SSL_CTRL_SET_MAX_PROTO_VERSION, version, null);
        if (options.NoTicket)
            LibSsl.SSL_CTX_set_options(ctx, LibSsl.SSL_OP_NO_TICKET);
        LibSsl.SSL_CTX_set_verify(ctx, LibSsl.SSL_VERIFY_PEER, null);
        // OpenSSL keeps none itself; each one that comes is handed to the callback.
        LibSsl.SSL_CTX_ctrl(ctx, LibSsl.SSL_CTRL_SET_SESS_CACHE_MODE, LibSsl.SSL_SESS_CACHE_CLIENT | LibSsl.SSL_SESS_CACHE_NO_INTERNAL, null);
        LibSsl.SSL_CTX_sess_set_new_cb(ctx, &OnNewSession);
        return context;
    }

    private static bool Trust(nint ctx, string? authorities)
    {
        if (authorities is null)
            return LibSsl.SSL_CTX_set_default_verify_paths(ctx) == 1;
        fixed (byte* file = ZeroTerminated(authorities))
            return LibSsl.SSL_CTX_load_verify_locations(ctx, file, null) == 1;
    }

    private static void Present(nint ctx, string certificate, string key)
    {
        fixed (byte* file = ZeroTerminated(certificate))
            Check(LibSsl.SSL_CTX_use_certificate_chain_file(ctx, file), $"reading the certificate in {certificate}");
        fixed (byte* file = ZeroTerminated(key))
            Check(LibSsl.SSL_CTX_use_PrivateKey_file(ctx, file, LibSsl.SSL_FILETYPE_PEM), $"reading the key in {key}");
    }

    private static SafeSslHandle CreateConnection(OpenSslClientOptions options, SafeSslContextHandle context, Socket socket)
    {
        var handle = new SafeSslHandle(LibSsl.SSL_new(context.DangerousGetHandle())); // takes its own reference to the context
        if (handle.IsInvalid)
            throw OpenSslException.FromQueue("SSL_new");
        try
        {
            var ssl = handle.DangerousGetHandle();
            Check(LibSsl.SSL_set_fd(ssl, (int)socket.Handle), "SSL_set_fd"); // BIO_NOCLOSE: the socket stays ours
            LibSsl.SSL_set_connect_state(ssl);
            if (options.ServerName is { } name)
                SetName(ssl, name);
            if (options.ApplicationProtocols.Count > 0)
                SetApplicationProtocols(ssl, options.ApplicationProtocols);
            if (options.Session is { } session)
                Check(LibSsl.SSL_set_session(ssl, session.Borrow()), "SSL_set_session"); // takes its own reference
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static void SetName(nint ssl, string name)
    {
        fixed (byte* text = ZeroTerminated(name))
        {
            Check((int)LibSsl.SSL_ctrl(ssl, LibSsl.SSL_CTRL_SET_TLSEXT_HOSTNAME, LibSsl.TLSEXT_NAMETYPE_host_name, text), "setting SNI");
            Check(LibSsl.SSL_set1_host(ssl, text), "SSL_set1_host");
        }
    }

    private static void SetApplicationProtocols(nint ssl, IReadOnlyList<string> protocols)
    {
        // RFC 7301 3.1: each name preceded by its length in one byte.
        byte[] list = [.. protocols.SelectMany(name => Encoding.ASCII.GetBytes(name).Prepend(checked((byte)name.Length)))];
        fixed (byte* start = list)
            Check(LibSsl.SSL_set_alpn_protos(ssl, start, (uint)list.Length) == 0 ? 1 : 0, "SSL_set_alpn_protos"); // 0 is success, for once
    }

    private static void Check(int result, string doing)
    {
        if (result != 1)
            throw OpenSslException.FromQueue(doing);
    }

    private static byte[] ZeroTerminated(string text) => Encoding.UTF8.GetBytes(text + '\0');
}
