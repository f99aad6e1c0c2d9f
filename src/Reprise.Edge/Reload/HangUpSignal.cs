using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Reprise.Edge.Reload;

/// <summary>
/// SIGHUP asks for a reload. Taken from the beginning of the process on: a node that still waits for its first key ring must not be ended by it.
/// </summary>
internal sealed class HangUpSignal : IDisposable
{
    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly PosixSignalRegistration _registration;

    public HangUpSignal() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true; // it would end the process
        _asked.Writer.TryWrite(true);
    });

    /// <summary>An item, once, for however many signals that have not been answered.</summary>
    public ChannelReader<bool> Asked => _asked.Reader;

    /// <inheritdoc/>
    public void Dispose() => _registration.Dispose();
}
