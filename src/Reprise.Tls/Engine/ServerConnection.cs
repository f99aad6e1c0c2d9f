using System.Runtime.InteropServices;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>
/// An SSL* on the server's side with its handshake. Reads its socket and writes into a buffer through the loop's
/// <see cref="LoopIo"/>; never blocks. Used from one thread only.
/// </summary>
internal sealed unsafe partial class ServerConnection : IDisposable
{
    private readonly HandshakePolicy _policy;
    private readonly int _socket;
    private readonly LoopIo _io;
    private GCHandle _self;
    private nint _ssl; // owned here alone and freed on the loop; a SafeHandle would count references at each of some 15 calls a handshake

    /// <param name="policy">Decides about everything.</param>
    /// <param name="socket">Non-blocking; stays the caller's.</param>
    /// <param name="io">Takes what OpenSSL writes; to be emptied after each call.</param>
    /// <param name="startedAt">Timestamp of the accept.</param>
    /// <param name="endPoint">The listener it came by.</param>
    public ServerConnection(HandshakePolicy policy, int socket, LoopIo io, long startedAt, TlsEndPoint endPoint)
    {
        _socket = socket;
        _io = io;
        _policy = policy;
        var initial = policy.Initial;
        Handshake = new Handshake(initial, endPoint, startedAt);
        LibCrypto.ERR_clear_error();
        _ssl = initial.Context.Lend(0, static (_, ctx) => LibSsl.SSL_new(ctx));
        if (_ssl == 0)
            throw OpenSslException.FromQueue("SSL_new");
        try
        {
            _self = GCHandle.Alloc(this);
            Callbacks.Attach(_ssl, _self);
            var bio = io.CreateBio();
            LibSsl.SSL_set_bio(_ssl, bio, bio); // takes the one reference, for both ways
            LibSsl.SSL_set_accept_state(_ssl);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Handshake Handshake { get; }

    /// <summary>The socket's end was signalled: reads go on until they meet it.</summary>
    public bool MayEnd { get; set; }

    /// <summary>Who failed, after <see cref="HandshakeStep.Failed"/>.</summary>
    public HandshakeFailure Failure { get; private set; }

    /// <summary>OpenSSL's word for it, or the exception's.</summary>
    public string? FailureReason { get; private set; }

    /// <summary>Sessions on their way to the store: what was written since must not be sent before they are there.</summary>
    public Task<bool>? Storing { get; private set; }

    /// <summary>Whether the peer's close_notify has come.</summary>
    public bool PeerHasClosed => (LibSsl.SSL_get_shutdown(_ssl) & LibSsl.SSL_RECEIVED_SHUTDOWN) != 0;

    /// <summary>Whether OpenSSL holds bytes that it has read ahead.</summary>
    public bool HasPending => LibSsl.SSL_has_pending(_ssl) == 1;

    /// <summary>Keeps an exception of a callback for when OpenSSL has returned.</summary>
    public void Note(Exception fault)
    {
        Failure = HandshakeFailure.Internal;
        FailureReason ??= fault.Message;
    }

    /// <summary>The same, where it costs the client its session and not the connection.</summary>
    public void Note(Exception fault, DeclineReason reason)
    {
        Note(fault);
        Handshake.Decline(reason);
    }

    /// <param name="buffer">Where to.</param>
    /// <param name="size">At least one.</param>
    /// <param name="read">Bytes read, with <see cref="ReadStep.Data"/>.</param>
    public ReadStep Read(byte* buffer, int size, out int read)
    {
        Begin();
        read = LibSsl.SSL_read(_ssl, buffer, size);
        if (read > 0)
            return ReadStep.Data;
        return LibSsl.SSL_get_error(_ssl, read) switch
        {
            LibSsl.SSL_ERROR_WANT_READ or LibSsl.SSL_ERROR_WANT_WRITE => _io.Curbed ? ReadStep.Curbed : ReadStep.NeedsInput,
            LibSsl.SSL_ERROR_ZERO_RETURN => ReadStep.Closed,
            _ => ReadStep.Broken,
        };
    }

    /// <summary>Encrypts all of it into the output buffer.</summary>
    /// <returns>False if the connection can carry nothing more.</returns>
    public bool Write(byte* buffer, int size)
    {
        while (size > 0)
        {
            Begin();
            var written = LibSsl.SSL_write(_ssl, buffer, size);
            if (written <= 0)
                return false; // the output buffer never asks to retry, so this is final
            buffer += written;
            size -= written;
        }

        return true;
    }

    /// <summary>Writes close_notify, once, where the protocol allows it.</summary>
    public void Shutdown()
    {
        if ((LibSsl.SSL_get_shutdown(_ssl) & LibSsl.SSL_SENT_SHUTDOWN) != 0)
            return;
        Begin();
        _ = LibSsl.SSL_shutdown(_ssl);
    }

    private void Begin()
    {
        _io.Turn(_socket, MayEnd);
        LibCrypto.ERR_clear_error();
    }

    public void Dispose()
    {
        if (_ssl == 0)
            return;
        LibSsl.SSL_free(_ssl); // frees the BIO
        _ssl = 0;
        if (_self.IsAllocated)
            _self.Free();
    }
}
