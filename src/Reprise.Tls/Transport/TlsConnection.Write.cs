using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

internal sealed partial class TlsConnection
{
    private PipeReader? _output; // ours to read: what the application has written
    private byte[] _pending = []; // encrypted, waits for the client or for the store; from the pool
    private int _pendingStart;
    private int _pendingLength;
    private bool _held;
    private bool _outputEnded; // close_notify is written, and input goes on
    private TaskCompletionSource? _writable;

    /// <summary>Encrypts and sends what the application writes; ends with close_notify. Runs on the loop throughout.</summary>
    private async void PumpOutput()
    {
        var output = _output!;
        try
        {
            while (_state is State.Serving)
            {
                var result = await output.ReadAsync().ConfigureAwait(false);
                var rest = result.Buffer;
                while (!rest.IsEmpty && _state is State.Serving)
                {
                    rest = rest.Slice(EncryptSome(rest));
                    if (Flush() && _pendingLength > 0)
                        await WhenWritable().ConfigureAwait(false);
                }

                output.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted || result.IsCanceled)
                    break;
            }

            if (_state is State.Serving && !_inputEnded && _tls.Handshake.Profile.Options.Tunnel)
                EndOutput();
            else if (_state is State.Serving)
                ShutdownAndLinger();
        }
        catch (Exception)
        {
            Close(); // the application ended its side with a fault
        }

        await output.CompleteAsync().ConfigureAwait(false);
    }

    // The client may go on sending: its end, or the application's, is yet to come.
    private void EndOutput()
    {
        _outputEnded = true;
        _tls.Shutdown();
        Flush();
    }

    /// <summary>Up to four full records; small segments share a record.</summary>
    private unsafe long EncryptSome(in ReadOnlySequence<byte> data)
    {
        long taken = 0;
        var rest = data;
        for (var records = 0; records < 4 && !rest.IsEmpty; records++)
        {
            bool written;
            int size;
            if (rest.FirstSpan.Length >= EventLoop.MaxRecord || rest.IsSingleSegment)
            {
                size = Math.Min(rest.FirstSpan.Length, EventLoop.MaxRecord);
                fixed (byte* start = rest.FirstSpan)
                    written = _tls.Write(start, size);
            }
            else
            {
                size = (int)Math.Min(rest.Length, EventLoop.MaxRecord);
                rest.Slice(0, size).CopyTo(new Span<byte>(_loop.Scratch, EventLoop.ScratchSize));
                written = _tls.Write(_loop.Scratch, size);
            }

            if (!written)
            {
                Close();
                return data.Length;
            }

            taken += size;
            rest = rest.Slice(size);
        }

        return taken;
    }

    /// <summary>Completed by <see cref="FlushPending"/> or <see cref="Close"/>, on the loop, where the pump goes on at once.</summary>
    private Task WhenWritable() => (_writable = new TaskCompletionSource()).Task;

    /// <summary>Sends what OpenSSL has written since the last call; what the socket does not take waits.</summary>
    /// <param name="beforeEnd">Our FIN follows at once, and may share the last segment: half the packets of a close.</param>
    /// <returns>False if the connection is closed.</returns>
    private unsafe bool Flush(bool beforeEnd = false)
    {
        var output = _loop.Io;
        if (output.Length == 0)
            return _state is not State.Closed;
        var sent = 0;
        if (!_held && _pendingLength == 0)
            sent = Send(output.Start, output.Length, beforeEnd ? LibC.MSG_MORE : 0);
        if (sent >= 0 && sent < output.Length)
            Append(output.Written[sent..]);
        output.Clear();
        if (sent >= 0)
            return true;
        OnSendFailed();
        return false;
    }

    private unsafe void FlushPending()
    {
        if (_held || _pendingLength == 0)
            return;
        int sent;
        fixed (byte* start = &_pending[_pendingStart])
            sent = Send(start, _pendingLength);
        if (sent < 0)
        {
            OnSendFailed();
            return;
        }

        if (sent > 0)
            _since = _loop.Now;
        _pendingStart += sent;
        _pendingLength -= sent;
        if (_pendingLength > 0)
            return;
        ReturnPending();
        if (_state is State.Lingering)
            FinishSending();
        var writable = _writable;
        _writable = null;
        writable?.SetResult();
        if (_inputBlocked)
        {
            _inputBlocked = false;
            if (!_inputPaused)
                ResumeInput();
        }
    }

    /// <returns>Bytes taken by the socket, or -1 if the connection is broken.</returns>
    private unsafe int Send(byte* data, int length, int flags = 0)
    {
        var sent = 0;
        while (sent < length)
        {
            var result = (int)LibC.send(_socket, data + sent, (nuint)(length - sent), LibC.MSG_NOSIGNAL | flags);
            if (result >= 0)
            {
                sent += result;
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == LibC.EAGAIN)
                break; // an EPOLLOUT edge follows
            if (error != LibC.EINTR)
                return -1;
        }

        return sent;
    }

    private void Append(ReadOnlySpan<byte> data)
    {
        if (_pending.Length - _pendingStart - _pendingLength < data.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_pendingLength + data.Length, 2 * _pendingLength));
            _pending.AsSpan(_pendingStart, _pendingLength).CopyTo(larger);
            if (_pending.Length > 0)
                ArrayPool<byte>.Shared.Return(_pending);
            _pending = larger;
            _pendingStart = 0;
        }

        data.CopyTo(_pending.AsSpan(_pendingStart + _pendingLength));
        _pendingLength += data.Length;
    }

    private void ReturnPending()
    {
        if (_pending.Length > 0)
            ArrayPool<byte>.Shared.Return(_pending);
        _pending = [];
        _pendingStart = 0;
        _pendingLength = 0;
    }

    private void OnSendFailed()
    {
        if (_state is State.Handshaking)
            _listener.Report(_tls.Handshake, HandshakeFailure.Closed, "connection closed");
        Close();
    }
}
