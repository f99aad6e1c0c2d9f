using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>A TCP connection that we have made. Everything in it runs on its loop, but for <see cref="Abort"/>.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Close gives up everything, on the loop")]
internal sealed class LoopConnection : LoopHandler
{
    private const int ReadSize = 16 * 1024;

    private readonly EventLoop _loop;
    private readonly int _socket;
    private readonly Pipe _input;
    private readonly Pipe _output;
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _gone = new();
    private TaskCompletionSource? _writable;
    private bool _isClosed;

    private LoopConnection(EventLoop loop, int socket)
    {
        _loop = loop;
        _socket = socket;
        // No thresholds: who writes here awaits no flush, and who reads keeps up, being run by what we write.
        _input = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, minimumSegmentSize: ReadSize, useSynchronizationContext: false));
        _output = new Pipe(new PipeOptions(readerScheduler: loop.TurnEnd, pauseWriterThreshold: 0, minimumSegmentSize: ReadSize, useSynchronizationContext: false));
    }

    /// <summary>Ends when it is closed.</summary>
    public Task Closed => _closed.Task;

    /// <exception cref="IOException">Refused, unreachable, or out of descriptors.</exception>
    public static async Task<ConnectionContext> ConnectAsync(EventLoop loop, IPEndPoint address, CancellationToken cancellationToken)
    {
        var connection = new LoopConnection(loop, Open(address));
        loop.Schedule(static state => ((LoopConnection)state!).Begin(), connection);
        try
        {
            await connection._connected.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            connection.Abort();
            throw;
        }

        return new LoopConnectionContext(connection, new DuplexPipe(connection._input.Reader, connection._output.Writer), address, connection._gone.Token);
    }

    /// <summary>Closes it, from any thread.</summary>
    public void Abort() => _loop.Schedule(static state => ((LoopConnection)state!).Close(null), this);

    public override void OnEvents(uint events)
    {
        if (!_connected.Task.IsCompleted && !TryEstablish())
            return;
        if ((events & LibC.EPOLLOUT) != 0)
        {
            var writable = _writable;
            _writable = null;
            writable?.SetResult();
        }

        const uint end = LibC.EPOLLRDHUP | LibC.EPOLLHUP | LibC.EPOLLERR;
        if ((events & (LibC.EPOLLIN | end)) != 0)
            Read(mayEnd: (events & end) != 0);
    }

    public override void OnSweep(long now)
    {
        // Deadlines are for those who ask something by it.
    }

    public override void OnFault() => Close(new IOException("A fault of ours on this connection"));

    public override void OnStop() => Close(null);

    private static unsafe int Open(IPEndPoint address)
    {
        var family = address.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6 ? LibC.AF_INET6 : LibC.AF_INET;
        var socket = EventLoop.Check(LibC.socket(family, LibC.SOCK_STREAM | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC, 0), "socket");
        var on = 1;
        _ = LibC.setsockopt(socket, LibC.IPPROTO_TCP, LibC.TCP_NODELAY, &on, sizeof(int));
        _ = LibC.setsockopt(socket, LibC.SOL_SOCKET, LibC.SO_KEEPALIVE, &on, sizeof(int));
        var buffer = stackalloc byte[SocketAddress.MaxLength];
        var length = SocketAddress.Write(address, new Span<byte>(buffer, SocketAddress.MaxLength));
        if (LibC.connect(socket, buffer, (uint)length) == 0 || Marshal.GetLastPInvokeError() == LibC.EINPROGRESS)
            return socket;
        var error = Marshal.GetLastPInvokeError();
        _ = LibC.close(socket);
        throw Failure(error);
    }

    private static IOException Failure(int error) => new($"connect: {Marshal.GetPInvokeErrorMessage(error)}");

    // Edge-triggered; an end of the attempt that was there before is an edge too.
    private void Begin()
    {
        if (!_isClosed && !_loop.TryAdd(this, _socket, LibC.EPOLLIN | LibC.EPOLLOUT | LibC.EPOLLRDHUP | LibC.EPOLLET))
            Close(new IOException("epoll_ctl: no watch to be had"));
    }

    private unsafe bool TryEstablish()
    {
        int error;
        uint length = sizeof(int);
        if (LibC.getsockopt(_socket, LibC.SOL_SOCKET, LibC.SO_ERROR, &error, &length) != 0)
            error = Marshal.GetLastPInvokeError();
        if (error != 0)
        {
            Close(Failure(error));
            return false;
        }

        _connected.SetResult();
        Write();
        return true;
    }

    /// <summary>Takes what the socket holds; who waits for it goes on within this, once.</summary>
    private unsafe void Read(bool mayEnd)
    {
        var taken = false;
        while (!_isClosed)
        {
            var space = _input.Writer.GetSpan(ReadSize);
            int read;
            fixed (byte* start = space)
                read = (int)LibC.recv(_socket, start, (nuint)space.Length, 0);
            if (read > 0)
            {
                _input.Writer.Advance(read);
                taken = true;
                if (read < space.Length && !mayEnd)
                    break; // it is empty, and an edge follows
                continue;
            }

            if (read < 0 && Marshal.GetLastPInvokeError() is LibC.EINTR)
                continue;
            if (read < 0 && Marshal.GetLastPInvokeError() is LibC.EAGAIN)
                break;
            var failure = read < 0 ? new IOException($"recv: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}") : null;
            Deliver(taken);
            Close(failure);
            return;
        }

        Deliver(taken);
    }

    private void Deliver(bool taken)
    {
        if (!taken || _isClosed)
            return;
        var flush = _input.Writer.FlushAsync(CancellationToken.None); // without thresholds it never waits
        if (flush.IsCompletedSuccessfully && flush.Result.IsCompleted)
            Close(null); // nobody reads any more
    }

    /// <summary>Sends what is flushed, at the end of each turn in which something was.</summary>
    private async void Write()
    {
        var output = _output.Reader;
        try
        {
            while (!_isClosed)
            {
                var result = await output.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                foreach (var segment in result.Buffer)
                {
                    var rest = segment;
                    while (!rest.IsEmpty && !_isClosed)
                    {
                        rest = rest[Send(rest.Span)..];
                        if (!rest.IsEmpty && !_isClosed)
                            await (_writable = new TaskCompletionSource()).Task.ConfigureAwait(false);
                    }
                }

                output.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    Close(null);
            }
        }
        catch (Exception fault)
        {
            Close(new IOException(fault.Message, fault)); // the other side ended with a fault
        }

        await output.CompleteAsync().ConfigureAwait(false);
    }

    /// <returns>Bytes taken by the socket.</returns>
    private unsafe int Send(ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            while (true)
            {
                var sent = (int)LibC.send(_socket, start, (nuint)data.Length, LibC.MSG_NOSIGNAL);
                if (sent >= 0)
                    return sent;
                switch (Marshal.GetLastPInvokeError())
                {
                    case LibC.EINTR:
                        continue;
                    case LibC.EAGAIN:
                        return 0; // an EPOLLOUT edge follows
                    case var error:
                        Close(new IOException($"send: {Marshal.GetPInvokeErrorMessage(error)}"));
                        return 0;
                }
            }
        }
    }

    private void Close(IOException? fault)
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _loop.Remove(this);
        _ = LibC.close(_socket);
        _connected.TrySetException(fault ?? new IOException("closed"));
        _ = _connected.Task.Exception; // seen
        _input.Writer.Complete(fault);
        _output.Reader.CancelPendingRead();
        _writable?.TrySetResult();
        _gone.CancelAsync(); // its callbacks are not ours to wait for
        _closed.TrySetResult();
    }
}
