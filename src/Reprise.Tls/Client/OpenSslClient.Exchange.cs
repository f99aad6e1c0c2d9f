using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using Reprise.Tls.Interop;

namespace Reprise.Tls.Client;

/// <summary>Handshake, reading and writing: OpenSSL's non-blocking calls, with waits of limited length between them.</summary>
public sealed unsafe partial class OpenSslClient
{
    /// <summary>Reads what is there, waiting for the first byte; 0 when the server has closed.</summary>
    /// <exception cref="IOException">The connection broke or fell silent.</exception>
    public int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                LibCrypto.ERR_clear_error();
                var read = LibSsl.SSL_read(Ssl, start, buffer.Length);
                if (read > 0)
                    return read;
                if (!Wait(read, "reading"))
                    return 0;
            }
        }
    }

    /// <summary>Writes all of it.</summary>
    /// <exception cref="IOException">The connection broke or fell silent.</exception>
    public void Write(ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            var done = 0;
            while (done < data.Length)
            {
                LibCrypto.ERR_clear_error();
                var written = LibSsl.SSL_write(Ssl, start + done, data.Length - done);
                if (written > 0)
                    done += written;
                else if (!Wait(written, "writing"))
                    throw new IOException("the server closed the connection");
            }
        }
    }

    private void ShakeHands()
    {
        while (true)
        {
            LibCrypto.ERR_clear_error();
            var result = LibSsl.SSL_do_handshake(Ssl);
            if (result == 1)
                break;
            if (!Wait(result, "handshake"))
                throw new IOException("the server closed the connection during the handshake");
        }

        _established = true;
        _options.Recording?.HandshakeDone();
        KeepRenewal();
    }

    // A resumed TLS 1.2 handshake that renews its ticket (RFC 5077 section 3.3) makes a session of its own, which OpenSSL reports to
    // nobody, and marks the one that was offered as spent.
    private void KeepRenewal()
    {
        if (_options.Session is not { } offered || !Resumed || LibSsl.SSL_get_session(Ssl) == offered.Borrow() || Protocol is SslProtocols.Tls13)
            return;
        _sessions.Add(new ClientSession(new SafeSslSessionHandle(LibSsl.SSL_get1_session(Ssl)))); // a reference of ours
    }

    /// <summary>After a call that did not succeed: waits for what it needs, or throws.</summary>
    /// <returns>False if the server has closed, cleanly.</returns>
    private bool Wait(int result, string doing)
    {
        switch (LibSsl.SSL_get_error(Ssl, result))
        {
            case LibSsl.SSL_ERROR_WANT_READ:
                return Poll(SelectMode.SelectRead, doing);
            case LibSsl.SSL_ERROR_WANT_WRITE:
                return Poll(SelectMode.SelectWrite, doing);
            case LibSsl.SSL_ERROR_ZERO_RETURN:
                return false;
            case LibSsl.SSL_ERROR_SYSCALL:
                _broken = true; // the session on it may not be shut down any more
                throw new IOException($"{doing}: the connection was reset");
            default:
                _broken = true;
                throw Distrust() ?? OpenSslException.FromQueue(doing);
        }
    }

    private bool Poll(SelectMode mode, string doing)
    {
        if (_socket.Poll(_options.Timeout, mode))
            return true;
        _broken = true;
        throw new IOException($"{doing}: no answer within {_options.Timeout.TotalSeconds:0.#} s");
    }

    // "certificate verify failed" alone does not say why.
    private OpenSslException? Distrust()
    {
        var verdict = LibSsl.SSL_get_verify_result(Ssl);
        return _established || verdict == LibSsl.X509_V_OK
            ? null
            : new OpenSslException($"the server's certificate is not trusted: {Marshal.PtrToStringUTF8((nint)LibCrypto.X509_verify_cert_error_string(verdict))}");
    }
}
