using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Reprise.Testing;

/// <summary>One client of a <see cref="TcpRelay"/> and its connection to the target.</summary>
internal sealed class RelayedConnection(TcpRelay relay, Socket client) : IDisposable
{
    private readonly Socket _target = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _reset = CancellationTokenSource.CreateLinkedTokenSource(relay.Stopped);

    public Task Finished { get; private set; } = Task.CompletedTask;

    public void Begin(string host, int port, Action onFinished) => Finished = Task.Run(async () =>
    {
        try
        {
            client.NoDelay = true;
            await relay.Gate.Task.WaitAsync(_reset.Token);
            await _target.ConnectAsync(host, port, _reset.Token);
            await Task.WhenAll(PumpAsync(RelayDirection.ToTarget, client, _target), PumpAsync(RelayDirection.ToClient, _target, client));
            Dispose();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Either peer went, or we cut it: the finally resets what is left of both.
        }
        finally
        {
            Reset();
            onFinished();
            _reset.Dispose();
        }
    });

    /// <summary>The orderly end, once both sides have sent all of theirs; a reset could overtake the last bytes.</summary>
    public void Dispose()
    {
        client.Dispose();
        _target.Dispose();
    }

    /// <summary>Both sides see a reset, not an orderly end. On a connection that has ended it changes nothing.</summary>
    public void Reset()
    {
        try
        {
            _reset.Cancel();
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        client.Close(timeout: 0);
        _target.Close(timeout: 0);
    }

    private async Task PumpAsync(RelayDirection direction, Socket from, Socket to)
    {
        // Bounded, so that a peer that does not read is felt by the other one.
        var chunks = Channel.CreateBounded<(long Due, byte[] Bytes)>(16);
        var reading = ReadAsync(direction, from, chunks.Writer);
        var writing = WriteAsync(direction, to, chunks.Reader);
        await await Task.WhenAny(reading, writing);
        await Task.WhenAll(reading, writing);
    }

    private async Task ReadAsync(RelayDirection direction, Socket from, ChannelWriter<(long, byte[])> chunks)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            while (true)
            {
                await relay.Gate.Task.WaitAsync(_reset.Token);
                var count = await from.ReceiveAsync(buffer.AsMemory(), _reset.Token);
                if (count == 0)
                    return;
                if (direction == RelayDirection.ToTarget && relay.StallAt is { } text && buffer.AsSpan(0, count).IndexOf(text) >= 0)
                {
                    relay.StallAt = null;
                    relay.Stalled = true;
                }

                var delay = direction == RelayDirection.ToTarget ? relay.DelayToTarget : relay.DelayToClient;
                var due = Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency);
                await chunks.WriteAsync((due, buffer.AsSpan(0, count).ToArray()), _reset.Token);
            }
        }
        finally
        {
            chunks.TryComplete();
        }
    }

    private async Task WriteAsync(RelayDirection direction, Socket to, ChannelReader<(long Due, byte[] Bytes)> chunks)
    {
        long sent = 0;
        await foreach (var (due, bytes) in chunks.ReadAllAsync(_reset.Token))
        {
            var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, _reset.Token);
            for (var offset = 0; offset < bytes.Length;)
            {
                // Asked again before each write: a stall holds back also what was read before it.
                await relay.Gate.Task.WaitAsync(_reset.Token);
                if (direction is RelayDirection.ToClient)
                    await relay.AnswerGate.Task.WaitAsync(_reset.Token);
                var length = Length(direction, sent, bytes.Length - offset, out var cut);
                if (length > 0)
                    await SendAllAsync(to, bytes.AsMemory(offset, length));
                offset += length;
                sent += length;
                Count(direction, length);
                if (cut)
                {
                    // An orderly end first for the side that shall have its bytes; a reset would throw them away.
                    to.Shutdown(SocketShutdown.Send);
                    await Task.Delay(20, _reset.Token);
                    Reset();
                    return;
                }
            }
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private int Length(RelayDirection direction, long sent, int left, out bool cut)
    {
        cut = false;
        if (direction == RelayDirection.ToTarget && relay.ChunkToTarget > 0)
            left = Math.Min(left, relay.ChunkToTarget);
        if (relay.CutPoint is { } point && point.Direction == direction && sent + left >= point.Bytes)
        {
            cut = true;
            left = (int)Math.Max(0, point.Bytes - sent);
        }

        if (direction == RelayDirection.ToClient && relay.CutAnswersOver is { } most && left > most)
        {
            cut = true;
            left = most;
        }

        return left;
    }

    private async Task SendAllAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await to.SendAsync(bytes, _reset.Token)..];
    }

    private void Count(RelayDirection direction, int bytes)
    {
        if (direction == RelayDirection.ToTarget)
            Interlocked.Add(ref relay.BytesToTargetCount, bytes);
        else
            Interlocked.Add(ref relay.BytesToClientCount, bytes);
    }
}
