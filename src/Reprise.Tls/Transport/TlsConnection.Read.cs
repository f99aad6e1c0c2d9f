using System.Buffers;
using System.IO.Pipelines;

namespace Reprise.Tls;

internal sealed partial class TlsConnection
{
    private const int ReadsPerTurn = 16;
    private const int MaxPendingWhileReading = 256 * 1024;

    private PipeWriter? _input; // ours to write: what the client has sent
    private bool _inputPaused; // the application lags behind
    private bool _inputBlocked; // the client makes us write and does not read
    private bool _inputEnded;
    private bool _peerGone;

    /// <summary>Application data, if any, makes the connection the application's.</summary>
    private unsafe void ReadFirst()
    {
        if (_pendingLength > MaxPendingWhileReading)
        {
            _inputBlocked = true;
            return;
        }

        var step = _tls.Read(_loop.Scratch, EventLoop.ScratchSize, out var read);
        if (!Flush())
            return;
        switch (step)
        {
            case ReadStep.Data:
                Serve(new ReadOnlySpan<byte>(_loop.Scratch, read));
                break;
            case ReadStep.Curbed:
                _loop.Schedule(static self => ((TlsConnection)self!).GoOn(), this);
                break;
            case ReadStep.Closed:
                ShutdownAndLinger();
                break;
            case ReadStep.Broken:
                Close();
                break;
        }
    }

    private void Serve(ReadOnlySpan<byte> first)
    {
        _state = State.Serving;
        _since = _loop.Now;
        var options = _listener.Options;
        // What the application does runs on the thread pool, what we do on the loop.
        var input = new Pipe(new PipeOptions(
            BlockPool.Shared, readerScheduler: PipeScheduler.ThreadPool, writerScheduler: _loop,
            pauseWriterThreshold: options.MaxReadBufferSize, resumeWriterThreshold: options.MaxReadBufferSize / 2,
            minimumSegmentSize: BlockPool.SmallBlock, useSynchronizationContext: false));
        var output = new Pipe(new PipeOptions(
            BlockPool.Shared, readerScheduler: _loop, writerScheduler: PipeScheduler.ThreadPool,
            pauseWriterThreshold: options.MaxWriteBufferSize, resumeWriterThreshold: options.MaxWriteBufferSize / 2,
            minimumSegmentSize: EventLoop.MaxRecord, useSynchronizationContext: false));
        _input = input.Writer;
        _output = output.Reader;
        Action? ended = _tls.Handshake.Profile.Options.Tunnel ? EndOfReading : null;
        var context = _context = new TlsConnectionContext(
            this, _tls.Handshake, new DuplexPipe(new BegunReader(input.Reader, Leave, ended), output.Writer), LocalAddress(), _remote);
        TakeIn(first);
        ReadOn(unflushed: !first.IsEmpty);
        PumpOutput();
        _listener.Deliver(context);
    }

    private void OnReadable(bool hangUp)
    {
        _peerGone |= hangUp;
        if (!_inputPaused && !_inputBlocked)
            ReadOn(unflushed: false);
    }

    /// <summary>Reads until the socket is empty, the application lags behind, or others on the loop should have their turn.</summary>
    private unsafe void ReadOn(bool unflushed)
    {
        for (var turn = 0; turn < ReadsPerTurn && !_inputEnded && _state is State.Serving; turn++)
        {
            if (_pendingLength > MaxPendingWhileReading)
            {
                _inputBlocked = true; // KeyUpdate, refused renegotiations: each wants an answer, so the client has to read first
                break;
            }

            var step = _tls.Read(_loop.Scratch, EventLoop.ScratchSize, out var read);
            if (!Flush())
                return;
            if (step is ReadStep.Data)
            {
                _since = _loop.Now;
                TakeIn(new ReadOnlySpan<byte>(_loop.Scratch, read));
                unflushed = true;
                if (turn < ReadsPerTurn - 1)
                    continue;
                _loop.Schedule(static self => ((TlsConnection)self!).GoOn(), this);
                break;
            }

            if (step is ReadStep.Curbed)
            {
                _loop.Schedule(static self => ((TlsConnection)self!).GoOn(), this);
                break;
            }

            if (step is not ReadStep.NeedsInput)
            {
                EndInput(step);
                return;
            }

            if (_peerGone)
            {
                EndInput(ReadStep.Broken);
                return;
            }

            break;
        }

        if (unflushed && !_inputEnded)
            FlushInput();
    }

    // A record of an upload has a block to itself; a request shares a small one.
    private void TakeIn(ReadOnlySpan<byte> data)
    {
        if (data.Length > BlockPool.SmallBlock)
        {
            data.CopyTo(_input!.GetSpan(data.Length));
            _input.Advance(data.Length);
            return;
        }

        _input!.Write(data);
    }

    private void FlushInput()
    {
        var flush = _input!.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
        {
            _inputPaused = true;
            AwaitInput(flush);
            return;
        }

        if (flush.Result.IsCompleted)
            StopInput();
    }

    private async void AwaitInput(ValueTask<FlushResult> flush)
    {
        try
        {
            if ((await flush.ConfigureAwait(false)).IsCompleted)
                StopInput();
        }
        catch (Exception)
        {
            StopInput(); // the reader ended with a fault: it wants no more
        }

        if (!_loop.IsCurrent)
            throw new InvalidOperationException("Input of a connection went on outside its loop.");
        try
        {
            ResumeInput();
        }
        catch (Exception)
        {
            OnFault();
        }
    }

    private void ResumeInput()
    {
        _inputPaused = false;
        if (_state is State.Waiting && !_inputBlocked)
            ReadFirst();
        if (_state is State.Serving && !_inputEnded && !_inputBlocked)
            ReadOn(unflushed: false); // the socket's edge may have come meanwhile, and OpenSSL may hold what it read ahead
    }

    private void EndInput(ReadStep how)
    {
        PeerSaidGoodbye = how is ReadStep.Closed; // before the application sees the end
        StopInput();
        if (how is ReadStep.Broken)
            SignalClosed(); // as Kestrel's sockets do at a FIN; a close_notify alone still wants its answer
    }

    private void StopInput()
    {
        if (_inputEnded)
            return;
        _inputEnded = true;
        _input?.Complete();
        if (_outputEnded && _state is State.Serving)
            Linger();
    }

    // From the application's thread.
    private void EndOfReading() => _loop.Schedule(static self => ((TlsConnection)self!).StopInput(), this);
}
