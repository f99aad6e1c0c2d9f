using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>
/// A TCP connection from accept to close. Everything in it runs on its loop, but for <see cref="Abort"/>.
/// The parts: handshake, reading, writing, closing.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Close gives up everything, on the loop")]
internal sealed partial class TlsConnection : LoopHandler
{
    private enum State
    {
        /// <summary>A proxy is to say who the client is.</summary>
        Greeting,
        Handshaking,

        /// <summary>The handshake waits for the session store.</summary>
        Parked,

        /// <summary>Established; no application data has come yet.</summary>
        Waiting,

        /// <summary>The application has it.</summary>
        Serving,

        /// <summary>All is said; waits for the peer's end, so that a reset does not overtake what was sent.</summary>
        Lingering,
        Closed,
    }

    private readonly TlsListener _listener;
    private readonly EventLoop _loop;
    private readonly ServerConnection _tls;
    private IPEndPoint _remote;
    private readonly int _socket;
    private State _state;
    private long _since; // when the state was entered, or the last progress within it

    private TlsConnection(TlsListener listener, EventLoop loop, int socket, IPEndPoint peer, bool isProxy, ulong? counted)
    {
        _state = isProxy ? State.Greeting : State.Handshaking;
        _counted = counted;
        _listener = listener;
        _loop = loop;
        _socket = socket;
        _since = loop.Now;
        _remote = peer;
        _tls = new ServerConnection(listener.Policy, socket, loop.Io, Stopwatch.GetTimestamp(), listener.Served);
    }

    /// <summary>Takes over an accepted socket. On its loop.</summary>
    /// <param name="listener">Where it was accepted.</param>
    /// <param name="loop">Where it stays.</param>
    /// <param name="socket">Closed with it.</param>
    /// <param name="peer">The other end.</param>
    /// <param name="isProxy">Whether the peer may tell, by a PROXY header, that the client is another.</param>
    /// <param name="counted">What it gives back to the limits at its end.</param>
    public static void Start(TlsListener listener, EventLoop loop, int socket, IPEndPoint peer, bool isProxy, ulong? counted)
    {
        TlsConnection connection;
        try
        {
            connection = new TlsConnection(listener, loop, socket, peer, isProxy, counted);
        }
        catch (Exception fault)
        {
            _ = LibC.close(socket);
            listener.Report(null, HandshakeFailure.Internal, fault.Message);
            listener.OnGone();
            listener.Release(counted, loop.Now);
            return;
        }

        // Edge-triggered and for both directions at once: one system call for the life of the connection.
        if (!loop.TryAdd(connection, socket, LibC.EPOLLIN | LibC.EPOLLOUT | LibC.EPOLLRDHUP | LibC.EPOLLET))
            connection.OnFault();
    }

    public override void OnEvents(uint events)
    {
        const uint input = LibC.EPOLLIN | LibC.EPOLLRDHUP | LibC.EPOLLHUP | LibC.EPOLLERR;
        if ((events & LibC.EPOLLOUT) != 0 && _pendingLength > 0)
            FlushPending();
        if ((events & input) == 0)
            return;
        if ((events & ~LibC.EPOLLOUT) != LibC.EPOLLIN)
            _tls.MayEnd = true;
        switch (_state)
        {
            case State.Greeting:
                Greet();
                break;
            case State.Handshaking:
                DriveHandshake();
                break;
            case State.Parked:
                if ((events & (LibC.EPOLLHUP | LibC.EPOLLERR)) != 0)
                    FailHandshake(HandshakeFailure.Closed, "connection closed");
                break;
            case State.Waiting:
                ReadFirst();
                break;
            case State.Serving:
                if ((events & (LibC.EPOLLHUP | LibC.EPOLLERR)) != 0)
                    SignalClosed(); // a reset: nothing can be answered any more
                OnReadable((events & (LibC.EPOLLRDHUP | LibC.EPOLLHUP | LibC.EPOLLERR)) != 0);
                break;
            case State.Lingering:
                Discard();
                break;
        }
    }

    public override void OnSweep(long now)
    {
        var options = _tls.Handshake.Profile.Options;
        var elapsed = TimeSpan.FromMilliseconds(now - _since);
        switch (_state)
        {
            case State.Greeting when elapsed > _listener.Options.ProxyHeaderTimeout:
                Refuse(ConnectionRefusal.ProxyHeader);
                break;
            case State.Handshaking or State.Parked when elapsed > options.HandshakeTimeout:
                FailHandshake(HandshakeFailure.Timeout, "handshake deadline");
                break;
            case State.Waiting when elapsed > (_listener.Draining ? _listener.Grace : options.IdleTimeout):
                ShutdownAndLinger();
                break;
            case State.Serving when _pendingLength > 0 && elapsed > options.IdleTimeout:
                Close(); // the client takes nothing
                break;
            case State.Serving when !options.Tunnel:
                CloseIfIdle(now, options.IdleTimeout);
                break;
            case State.Lingering when elapsed > LingerTime:
                Close();
                break;
        }
    }

    public override void OnFault()
    {
        if (_state is State.Handshaking or State.Parked)
            _listener.Report(_tls.Handshake, HandshakeFailure.Internal, _tls.FailureReason);
        Close();
    }

    public override void OnStop()
    {
        if (_state is State.Handshaking or State.Parked)
            _listener.Report(_tls.Handshake, HandshakeFailure.Stopping, null);
        Close();
    }
}
