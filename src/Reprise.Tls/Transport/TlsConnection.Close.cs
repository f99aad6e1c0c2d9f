using System.Net;
using System.Runtime.InteropServices;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

internal sealed partial class TlsConnection
{
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _closedSource;
    private int _left; // 1 once it counts no more

    /// <summary>Completes when the socket is closed.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Whether the client has sent close_notify: what it sent before is all that it had to say.</summary>
    public bool PeerSaidGoodbye { get; private set; }

    /// <summary>Fires when the peer has gone or the connection is closed. Made when first asked for.</summary>
    public CancellationToken ConnectionClosed => (_closedSource ??= new CancellationTokenSource()).Token;

    /// <summary>Ends the connection at once, from any thread.</summary>
    public void Abort() => _loop.Schedule(static self => ((TlsConnection)self!).Close(), this);

    /// <summary>close_notify, then wait for the peer to take what was sent.</summary>
    private void ShutdownAndLinger()
    {
        _tls.Shutdown();
        if (Flush(beforeEnd: true))
            Linger();
    }

    private void Linger()
    {
        if (_state is State.Closed)
            return;
        Leave();
        _state = State.Lingering;
        _since = _loop.Now;
        if (_pendingLength == 0)
            FinishSending();
    }

    /// <summary>
    /// All is sent: a FIN, and close when the peer's comes. Closing at once, with input unread, would reset, and a reset
    /// takes from the peer what it has not read yet.
    /// </summary>
    private void FinishSending()
    {
        if (_tls.PeerHasClosed)
        {
            Close(); // its close_notify was its last word: nothing is left unread
            return;
        }

        _ = LibC.shutdown(_socket, LibC.SHUT_WR);
        StopInput();
        SignalClosed();
        _closed.TrySetResult(); // the application need not wait for the peer
        Discard();
    }

    private unsafe void Discard()
    {
        for (var i = 0; i < ReadsPerTurn; i++)
        {
            var read = LibC.recv(_socket, _loop.Scratch, EventLoop.ScratchSize, 0);
            if (read > 0)
                continue;
            if (read < 0 && Marshal.GetLastPInvokeError() is LibC.EAGAIN or LibC.EINTR)
                return;
            _peerGone = true;
            if (read < 0 || _pendingLength == 0)
                Close();
            return;
        }

        _loop.Schedule(static self => ((TlsConnection)self!).DiscardMore(), this); // others should have their turn; the deadline ends it
    }

    private void DiscardMore()
    {
        if (_state is State.Lingering)
            Discard();
    }

    private void Close()
    {
        if (_state is State.Closed)
            return;
        Leave();
        _state = State.Closed;
        _held = false;
        _loop.Remove(this);
        _tls.Dispose();
        _loop.Io.Clear(); // what was written for this connection and not sent must not go out on another
        _ = LibC.close(_socket);
        _listener.Release(_counted, _loop.Now);
        ReturnPending();
        StopInput();
        SignalClosed();
        _closed.TrySetResult();
        _writable?.TrySetResult();
        _output?.CancelPendingRead();
    }

    /// <summary>Is no longer one that the application may yet see: it has begun to read, or it never will. From any thread.</summary>
    private void Leave()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
            _listener.OnGone();
    }

    private void SignalClosed()
    {
        if (_closedSource is { IsCancellationRequested: false } source)
            ThreadPool.UnsafeQueueUserWorkItem(static s => s.Cancel(), source, preferLocal: false); // handlers are the application's
    }

    private IPEndPoint LocalAddress()
    {
        if (_local is { } told)
            return told;
        var address = _listener.Address;
        if (!address.Address.Equals(IPAddress.Any) && !address.Address.Equals(IPAddress.IPv6Any))
            return address;
        try
        {
            return Acceptor.LocalAddress(_socket);
        }
        catch (IOException)
        {
            return address; // reset meanwhile
        }
    }
}
