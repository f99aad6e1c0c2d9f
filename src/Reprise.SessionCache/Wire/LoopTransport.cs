#pragma warning disable SER009 // as in LoopTunnel
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using RESPite.Transports;

namespace Reprise.SessionCache.Wire;

/// <summary>A connection as the library writes to it, under a lock of its own, and is told of what came.</summary>
internal sealed class LoopTransport(ConnectionContext connection) : DuplexTransport
{
    private readonly PipeWriter _output = connection.Transport.Output;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _output.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _output.GetSpan(sizeHint);

    public override void Advance(int count) => _output.Advance(count);

    /// <returns>False if nobody takes it any more.</returns>
    public override bool Flush()
    {
        var flush = _output.FlushAsync(CancellationToken.None); // never waits: requests that have answers are few
        return flush.IsCompletedSuccessfully && !flush.Result.IsCompleted;
    }

    public override void Start(TransportReceiver receiver) => _ = ReceiveAsync(receiver);

    public override ValueTask DisposeAsync() => connection.DisposeAsync();

    // Nobody awaits this, so nothing may leave it. Each read goes on on the thread that has received.
    private async Task ReceiveAsync(TransportReceiver receiver)
    {
        var input = connection.Transport.Input;
        Exception? fault = null;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                var goesOn = !read.IsCompleted;
                foreach (var segment in read.Buffer)
                    goesOn &= receiver.OnReceived(segment.Span);
                receiver.OnBatchEnd();
                input.AdvanceTo(read.Buffer.End);
                if (!goesOn)
                    break;
            }
        }
        catch (Exception end)
        {
            fault = end;
        }

        await input.CompleteAsync().ConfigureAwait(false);
        connection.Abort();
        receiver.OnClosed(fault);
    }
}
