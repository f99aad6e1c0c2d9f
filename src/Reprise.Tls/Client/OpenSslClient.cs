using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Text;
using Reprise.Tls.Interop;

namespace Reprise.Tls.Client;

/// <summary>
/// One blocking TLS connection as a client, by OpenSSL, for tools and tests: it says which kind of handshake it saw, and
/// hands out the sessions that it got. Not for use from several threads at once.
/// </summary>
public sealed unsafe partial class OpenSslClient : IDisposable
{
    private readonly OpenSslClientOptions _options;
    private readonly Socket _socket;
    private readonly SafeSslContextHandle _context;
    private readonly SafeSslHandle _ssl;
    private readonly List<ClientSession> _sessions = [];
    private GCHandle _self;
    private bool _established;
    private bool _broken;

    private OpenSslClient(OpenSslClientOptions options, Socket socket)
    {
        _options = options;
        _socket = socket;
        _context = CreateContext(options);
        try
        {
            _ssl = CreateConnection(options, _context, socket);
        }
        catch
        {
            _context.Dispose();
            throw;
        }

        _self = GCHandle.Alloc(this);
        Attach(Ssl, _self);
        if (options.Recording is { } recording)
            Record(recording);
    }

    /// <summary>The version that was agreed on.</summary>
    public SslProtocols Protocol => LibSsl.SSL_version(Ssl) == LibSsl.TLS1_3_VERSION ? SslProtocols.Tls13 : SslProtocols.Tls12;

    /// <summary>OpenSSL's name of the cipher suite.</summary>
    public string Cipher => Marshal.PtrToStringUTF8((nint)LibSsl.SSL_CIPHER_get_name(LibSsl.SSL_get_current_cipher(Ssl))) ?? "";

    /// <summary>Whether the offered session was resumed, by what this side saw (<c>SSL_session_reused</c>).</summary>
    public bool Resumed => LibSsl.SSL_session_reused(Ssl) != 0;

    /// <summary>What ALPN chose; null for nothing.</summary>
    public string? ApplicationProtocol
    {
        get
        {
            byte* name;
            uint length;
            LibSsl.SSL_get0_alpn_selected(Ssl, &name, &length);
            return length == 0 ? null : Encoding.ASCII.GetString(name, (int)length);
        }
    }

    /// <summary>
    /// The sessions that came so far, oldest first; renewed tickets too. In TLS 1.3 they arrive after the handshake: with the first bytes that
    /// are read. They are disposed with this object, unless taken by <see cref="TakeSession"/>.
    /// </summary>
    public IReadOnlyList<ClientSession> Sessions => _sessions;

    private nint Ssl => _ssl.DangerousGetHandle();

    /// <summary>Connects and shakes hands.</summary>
    /// <exception cref="SocketException">Nobody listens there, or not in time.</exception>
    /// <exception cref="IOException">The connection ended or fell silent during the handshake.</exception>
    /// <exception cref="OpenSslException">The handshake failed; the server's certificate is not trusted; no usable libssl.</exception>
    public static OpenSslClient Connect(OpenSslClientOptions options)
    {
        NativeLibraries.EnsureUsable();
        var socket = ConnectSocket(options);
        OpenSslClient? client = null;
        try
        {
            client = new OpenSslClient(options, socket);
            client.ShakeHands();
            return client;
        }
        catch
        {
            client?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Hands the newest session over to the caller, who disposes it; null if none has come.</summary>
    public ClientSession? TakeSession()
    {
        if (_sessions.Count == 0)
            return null;
        var newest = _sessions[^1];
        _sessions.RemoveAt(_sessions.Count - 1);
        return newest;
    }

    /// <summary>Says goodbye (close_notify), as a session is to stay resumable only after a clean close, and lets go of everything.</summary>
    public void Dispose()
    {
        if (_ssl.IsClosed)
            return;
        if (_established && !_broken)
        {
            LibCrypto.ERR_clear_error();
            _ = LibSsl.SSL_shutdown(Ssl); // if it cannot be sent, the other side is gone
            LibCrypto.ERR_clear_error();
        }

        _ssl.Dispose();
        _context.Dispose();
        _socket.Dispose();
        foreach (var session in _sessions)
            session.Dispose();
        if (_self.IsAllocated)
            _self.Free();
    }

    private static Socket ConnectSocket(OpenSslClientOptions options)
    {
        var socket = new Socket(options.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, Blocking = false };
        try
        {
            try
            {
                socket.Connect(options.EndPoint);
            }
            catch (SocketException waiting) when (waiting.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                if (!socket.Poll(options.Timeout, SelectMode.SelectWrite))
                    throw new SocketException((int)SocketError.TimedOut);
                if (socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is int and not 0 and var error)
                    throw new SocketException(error);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
