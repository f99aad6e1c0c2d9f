using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Reprise.Tls;

namespace Reprise.Edge.Tunnels;

/// <summary>
/// One client and one server, each with what the other sends. The client's close_notify becomes the server's end of input, the server's
/// end of output becomes close_notify; each way ends by itself. What ends in no such way (a reset, a FIN without close_notify, the idle
/// limit) is a cut, and looks like one on both sides: an end that somebody on the way can forge is passed on to nobody as one.
/// </summary>
internal sealed class Tunnel : IDisposable
{
    private const int ReadSize = 64 * 1024;

    private readonly ConnectionContext _connection;
    private readonly ITlsCloseFeature _client;
    private readonly Socket _server;
    private readonly TimeProvider _time;
    private readonly TimeSpan _idleTimeout;
    private readonly ITimer _idle;
    private readonly CancellationTokenSource _nobodyListens = new();
    private ITimer? _deadline;
    private long _lastActive;
    private int _cut;
    private volatile bool _answered; // the server has ended in good order

    public Tunnel(ConnectionContext connection, Socket server, TimeSpan idleTimeout, TimeProvider time)
    {
        _connection = connection;
        _client = connection.Features.Get<ITlsCloseFeature>()!;
        _server = server;
        _time = time;
        _idleTimeout = idleTimeout;
        _lastActive = time.GetTimestamp();
        _idle = time.CreateTimer(static self => ((Tunnel)self!).OnIdleTimer(), this, idleTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sends the header, then passes bytes on until both ways have ended.</summary>
    public async Task RunAsync(ReadOnlyMemory<byte> header)
    {
        using var closed = _connection.ConnectionClosed.UnsafeRegister(static self => ((Tunnel)self!).OnClientGone(), this);
        try
        {
            for (var sent = 0; sent < header.Length;)
                sent += await _server.SendAsync(header[sent..]);
        }
        catch (SocketException)
        {
            Cut();
            return;
        }

        await Task.WhenAll(ToServerAsync(), ToClientAsync());
    }

    /// <summary>A node that stops: whoever is not done by then is cut.</summary>
    public void CutAfter(TimeSpan time) =>
        Interlocked.Exchange(ref _deadline, _time.CreateTimer(static self => ((Tunnel)self!).Cut(), this, time, Timeout.InfiniteTimeSpan))?.Dispose();

    public void Dispose()
    {
        _idle.Dispose();
        Interlocked.Exchange(ref _deadline, null)?.Dispose();
        _nobodyListens.Dispose();
    }

    private async Task ToServerAsync()
    {
        var input = _connection.Transport.Input;
        try
        {
            while (true)
            {
                var result = await input.ReadAsync();
                foreach (var segment in result.Buffer)
                {
                    for (var sent = 0; sent < segment.Length;)
                        sent += await _server.SendAsync(segment[sent..]);
                }

                if (!result.Buffer.IsEmpty)
                    Active();
                input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    break;
            }

            if (_client.PeerSaidGoodbye)
                _server.Shutdown(SocketShutdown.Send);
            else
                Cut();
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // The server takes no more. What it has sent before that is still to be read, and says how it has ended.
        }
        catch (Exception end) when (end is IOException or OperationCanceledException or InvalidOperationException)
        {
            Cut();
        }

        await input.CompleteAsync();
    }

    private async Task ToClientAsync()
    {
        var output = _connection.Transport.Output;
        try
        {
            while (true)
            {
                if (_server.Available == 0)
                    await _server.ReceiveAsync(Memory<byte>.Empty, _nobodyListens.Token); // an idle connection holds no buffer
                var read = await _server.ReceiveAsync(output.GetMemory(ReadSize), _nobodyListens.Token);
                if (read == 0)
                    break;
                Active();
                output.Advance(read);
                if ((await output.FlushAsync()).IsCompleted)
                    return; // the client is gone, and has said so before or cuts the tunnel now
            }

            _answered = true;
            await output.CompleteAsync();
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException or IOException or OperationCanceledException or InvalidOperationException)
        {
            Cut();
        }
    }

    private void Active() => Volatile.Write(ref _lastActive, _time.GetTimestamp());

    private void OnIdleTimer()
    {
        var left = _idleTimeout - _time.GetElapsedTime(Volatile.Read(ref _lastActive));
        if (left <= TimeSpan.Zero)
            Cut();
        else
            _idle.Change(left, Timeout.InfiniteTimeSpan);
    }

    private void OnClientGone()
    {
        if (!_client.PeerSaidGoodbye)
        {
            if (_answered)
                _server.Close(0); // and the client, if it is there, may take its time for what it was sent
            else
                Cut();
            return;
        }

        try
        {
            _nobodyListens.Cancel(); // what it has sent still goes to the server
        }
        catch (ObjectDisposedException)
        {
            // The tunnel has ended meanwhile.
        }
    }

    private void Cut()
    {
        if (Interlocked.Exchange(ref _cut, 1) != 0)
            return;
        _connection.Abort(new ConnectionAbortedException("The tunnel was cut."));
        _server.Close(0); // a reset
    }
}
