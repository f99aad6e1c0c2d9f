using System.Net;
using System.Runtime.InteropServices;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>A listening socket of one loop; SO_REUSEPORT spreads connects over the loops.</summary>
internal sealed unsafe class Acceptor : LoopHandler
{
    private const int AcceptsPerTurn = 64;

    private static readonly TimeSpan RestTime = TimeSpan.FromMilliseconds(500);

    private readonly EventLoop _loop;
    private readonly TlsListener _listener;
    private int _descriptor;

    public Acceptor(EventLoop loop, TlsListener listener, int descriptor)
    {
        _loop = loop;
        _listener = listener;
        _descriptor = descriptor;
    }

    public EventLoop Loop => _loop;

    /// <summary>The listening socket; negative once it is closed.</summary>
    public int Descriptor => _descriptor;

    /// <summary>A bound socket that does not listen yet.</summary>
    /// <param name="address">Port 0 takes a free one.</param>
    /// <param name="share">Whether others may be bound to it, if they say the same.</param>
    /// <exception cref="IOException">The address is taken, or not ours.</exception>
    public static int Bind(IPEndPoint address, bool share)
    {
        var v6 = address.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6;
        var descriptor = EventLoop.Check(
            LibC.socket(v6 ? LibC.AF_INET6 : LibC.AF_INET, LibC.SOCK_STREAM | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC, 0), "socket");
        try
        {
            int on = 1, off = 0;
            EventLoop.Check(LibC.setsockopt(descriptor, LibC.SOL_SOCKET, LibC.SO_REUSEADDR, &on, sizeof(int)), "SO_REUSEADDR");
            _ = LibC.setsockopt(descriptor, LibC.IPPROTO_TCP, LibC.TCP_NODELAY, &on, sizeof(int)); // accepted sockets inherit it
            if (share)
                EventLoop.Check(LibC.setsockopt(descriptor, LibC.SOL_SOCKET, LibC.SO_REUSEPORT, &on, sizeof(int)), "SO_REUSEPORT");
            if (v6) // [::] takes IPv4 too, as Kestrel's and nginx's do
                _ = LibC.setsockopt(descriptor, LibC.IPPROTO_IPV6, LibC.IPV6_V6ONLY, &off, sizeof(int));
            var buffer = stackalloc byte[SocketAddress.MaxLength];
            var length = SocketAddress.Write(address, new Span<byte>(buffer, SocketAddress.MaxLength));
            EventLoop.Check(LibC.bind(descriptor, buffer, (uint)length), $"Cannot listen on {address}");
            return descriptor;
        }
        catch
        {
            _ = LibC.close(descriptor);
            throw;
        }
    }

    public static IPEndPoint LocalAddress(int descriptor)
    {
        var buffer = stackalloc byte[SocketAddress.MaxLength];
        uint length = SocketAddress.MaxLength;
        EventLoop.Check(LibC.getsockname(descriptor, buffer, &length), "getsockname");
        return SocketAddress.Read(new ReadOnlySpan<byte>(buffer, SocketAddress.MaxLength));
    }

    /// <summary>From here on the kernel takes connects; from any thread.</summary>
    /// <exception cref="IOException">The address is taken.</exception>
    public void Listen() => EventLoop.Check(LibC.listen(_descriptor, _listener.Options.Backlog), $"Cannot listen on {_listener.Address}");

    /// <summary>Takes what the kernel holds ready. On the loop.</summary>
    public void Start()
    {
        if (_descriptor >= 0 && Slot < 0 && !_loop.TryAdd(this, _descriptor, LibC.EPOLLIN))
            Rest();
    }

    /// <summary>Closes a socket that was never given to the loop.</summary>
    public void Abandon()
    {
        _ = LibC.close(_descriptor);
        _descriptor = -1;
    }

    /// <summary>There may be a place for one more connection. From any thread.</summary>
    public void Call() => _loop.Schedule(static self => ((Acceptor)self!).Start(), this);

    /// <summary>Takes what the kernel has already connected, then stops listening, unless another process has the socket too.</summary>
    public void Stop()
    {
        if (_descriptor < 0)
            return;
        while (Accept())
        {
        }

        Close();
    }

    public override void OnEvents(uint events)
    {
        for (var i = 0; i < AcceptsPerTurn && Accept(); i++)
        {
        }
    }

    public override void OnSweep(long now)
    {
    }

    public override void OnFault()
    {
        // What went wrong was a connection's: the address stays served.
    }

    public override void OnStop() => Close();

    private void Close()
    {
        _loop.Remove(this);
        if (_descriptor >= 0)
        {
            _loop.Unwatch(_descriptor); // closing is not enough where another process has taken the socket over
            _ = LibC.close(_descriptor);
        }

        _descriptor = -1;
    }

    private bool Accept()
    {
        if (!_listener.Limits.TryEnter())
        {
            Pause();
            return false;
        }

        if (AcceptOne(out var more))
            return true;
        _listener.Limits.Leave();
        return more;
    }

    /// <param name="more">Whether there is any use in trying again.</param>
    private bool AcceptOne(out bool more)
    {
        var buffer = stackalloc byte[SocketAddress.MaxLength];
        uint length = SocketAddress.MaxLength;
        var socket = LibC.accept4(_descriptor, buffer, &length, LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC);
        if (socket >= 0)
        {
            more = true;
            _listener.OnAccepted(_loop, socket, SocketAddress.Read(new ReadOnlySpan<byte>(buffer, SocketAddress.MaxLength)));
            return true;
        }

        more = false;

        switch (Marshal.GetLastPInvokeError())
        {
            case LibC.EAGAIN:
                return false;
            case LibC.EMFILE or LibC.ENFILE or LibC.ENOBUFS or LibC.ENOMEM:
                Rest();
                return false;
            default: // accept(2): an error of a connection that went away before it was accepted is not one of ours
                more = Marshal.GetLastPInvokeError() is LibC.ECONNABORTED or LibC.EPROTO or LibC.EINTR or LibC.EPERM;
                return false;
        }
    }

    // All places are taken: a level-triggered listener would spin.
    private void Pause()
    {
        if (Slot >= 0)
            _loop.Unwatch(_descriptor);
        _loop.Remove(this);
        _listener.Limits.Await(this);
    }

    // Out of descriptors: a level-triggered listener would spin. Connects wait in the backlog meanwhile.
    private void Rest()
    {
        _listener.OnStarved();
        _loop.Unwatch(_descriptor);
        _loop.Remove(this);
        _loop.After(RestTime, static (self, _) => ((Acceptor)self!).Wake(), this, 0);
    }

    private void Wake() => Start();
}
