using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Probe.Clients;

/// <summary>A network stream, owned, that tells a recording what passes: for Bouncy Castle, which reads and writes by these calls only.</summary>
internal sealed class RecordingStream(Stream network, WireRecording recording) : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var read = network.Read(buffer);
        recording.Passed(WireDirection.Received, buffer[..read]);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        network.Write(buffer);
        recording.Passed(WireDirection.Sent, buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => network.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            network.Dispose();
        base.Dispose(disposing);
    }
}
