using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Reprise.Tls;

/// <summary>
/// Hands this process's listening sockets to its successor, which asks for them at a path in the file system. One thread of its own,
/// which mostly sleeps.
/// </summary>
internal sealed partial class HandOver : IDisposable
{
    private const int Patience = 10_000;
    private const int StartPatience = 300_000; // until the successor serves; if it ends before, that is seen at once

    private readonly string _path;
    private readonly Func<IReadOnlyList<TlsListener>> _listeners;
    private readonly Action _onSuperseded;
    private readonly ILogger _logger;
    private readonly Socket _socket;
    private volatile bool _superseded;
    private volatile bool _stopped;

    /// <param name="path">Where a successor asks; what is there is replaced.</param>
    /// <param name="listeners">All that listen now.</param>
    /// <param name="onSuperseded">Called once the successor serves: this process may stop.</param>
    /// <param name="logger">For each step of it.</param>
    /// <exception cref="IOException">The path cannot be used.</exception>
    public HandOver(string path, Func<IReadOnlyList<TlsListener>> listeners, Action onSuperseded, ILogger logger)
    {
        _path = path;
        _listeners = listeners;
        _onSuperseded = onSuperseded;
        _logger = logger;
        _socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        try
        {
            // Under another name first: a predecessor's place is taken in one step, and no earlier.
            var fresh = $"{path}.{Environment.ProcessId}";
            File.Delete(fresh);
            _socket.Bind(new UnixDomainSocketEndPoint(fresh));
            if (!OperatingSystem.IsWindows()) // only to say so: there is no other system than Linux
                File.SetUnixFileMode(fresh, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            _socket.Listen(4);
            File.Move(fresh, path, overwrite: true);
        }
        catch (Exception fault) when (fault is SocketException or UnauthorizedAccessException)
        {
            _socket.Dispose();
            throw new IOException($"Cannot listen on {path}: {fault.Message}", fault);
        }

        new Thread(Run) { Name = "reprise-hand-over", IsBackground = true }.Start();
    }

    public void Dispose()
    {
        if (_stopped)
            return;
        _stopped = true;
        _socket.Dispose();
        try
        {
            if (!_superseded)
                File.Delete(_path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A successor finds it refusing, and starts by itself.
        }
    }

    private void Run()
    {
        while (!_superseded && !_stopped)
        {
            try
            {
                using var successor = _socket.Accept();
                Serve(successor);
            }
            catch (Exception) when (_stopped)
            {
                return;
            }
            catch (Exception fault) when (fault is SocketException or IOException)
            {
                Log.Failed(_logger, fault.Message);
            }
        }
    }

    private void Serve(Socket successor)
    {
        successor.ReceiveTimeout = Patience;
        successor.SendTimeout = Patience;
        if (!DescriptorMessage.IsOwn(successor))
        {
            Log.Failed(_logger, "it runs as another user");
            return;
        }

        if (DescriptorMessage.Receive(successor, out _) != InheritedSockets.Request)
            return;
        foreach (var listener in _listeners())
        {
            foreach (var some in listener.Descriptors.Chunk(DescriptorMessage.MaxDescriptors))
                DescriptorMessage.Send(successor, $"{listener.Address} {listener.Served.Name}", some);
        }

        DescriptorMessage.Send(successor, InheritedSockets.End, []);
        Log.HandedOver(_logger);
        successor.ReceiveTimeout = StartPatience;
        if (DescriptorMessage.Receive(successor, out _) != InheritedSockets.Serving)
        {
            Log.Failed(_logger, "it ended before it served");
            return;
        }

        _superseded = true;
        Log.Superseded(_logger);
        _onSuperseded();
    }

    private static partial class Log
    {
        [LoggerMessage(1007, LogLevel.Information, "Another process has been given the listening sockets; this one serves on until it does")]
        public static partial void HandedOver(ILogger logger);

        [LoggerMessage(1008, LogLevel.Information, "Another process serves in the place of this one, which stops")]
        public static partial void Superseded(ILogger logger);

        [LoggerMessage(1009, LogLevel.Warning, "Another process has not taken over: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
