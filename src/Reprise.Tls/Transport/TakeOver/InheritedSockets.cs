using System.Net;
using System.Net.Sockets;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>
/// The listening sockets of the process before this one, which it hands over while it goes on serving. They are the very same sockets:
/// what waits in their queues is lost by neither process's end.
/// </summary>
internal sealed class InheritedSockets : IDisposable
{
    public const string Request = "reprise take-over 1";
    public const string End = "end";
    public const string Serving = "serving";

    private const int Patience = 10_000;

    private readonly Socket _predecessor;
    private readonly List<(IPEndPoint Address, string Name, List<int> Descriptors)> _listeners = [];

    private InheritedSockets(Socket predecessor) => _predecessor = predecessor;

    /// <summary>Asks the process that listens at the path; null if there is none.</summary>
    /// <exception cref="IOException">It runs as another user, or does not answer as it should.</exception>
    public static InheritedSockets? Ask(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified) { ReceiveTimeout = Patience, SendTimeout = Patience };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException fault) when (fault.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable || !File.Exists(path))
        {
            socket.Dispose();
            return null;
        }
        catch (SocketException fault)
        {
            socket.Dispose();
            throw new IOException($"Cannot take over from the process at {path}: {fault.Message}", fault);
        }

        var inherited = new InheritedSockets(socket);
        try
        {
            if (!DescriptorMessage.IsOwn(socket))
                throw new IOException($"Cannot take over from the process at {path}: it runs as another user");
            inherited.Receive(path);
            return inherited;
        }
        catch
        {
            inherited.Dispose();
            throw;
        }
    }

    /// <summary>Sockets that listen on an address: the caller's from now on. With port 0: on that of the predecessor's listener of this name.</summary>
    public int[]? Take(TlsEndPoint endPoint)
    {
        var wanted = endPoint.Address;
        var index = _listeners.FindIndex(listener => wanted.Port != 0
            ? listener.Address.Equals(wanted)
            : listener.Name == endPoint.Name && listener.Address.Address.Equals(wanted.Address));
        if (index < 0)
            return null;
        var taken = _listeners[index].Descriptors;
        _listeners.RemoveAt(index);
        return [.. taken];
    }

    /// <summary>Tells the predecessor that it may stop.</summary>
    public void Announce() => DescriptorMessage.Send(_predecessor, Serving, []);

    public void Dispose()
    {
        _predecessor.Dispose();
        foreach (var descriptor in _listeners.SelectMany(listener => listener.Descriptors))
            _ = LibC.close(descriptor); // of listeners that this process has no more
        _listeners.Clear();
    }

    private void Receive(string path)
    {
        DescriptorMessage.Send(_predecessor, Request, []);
        while (true)
        {
            var text = DescriptorMessage.Receive(_predecessor, out var descriptors);
            if (text == End)
                return;
            var space = text.IndexOf(' ');
            if (space < 0 || !IPEndPoint.TryParse(text.AsSpan(0, space), out var address))
            {
                foreach (var descriptor in descriptors)
                    _ = LibC.close(descriptor);
                throw new IOException($"Cannot take over from the process at {path}: it does not answer as it should");
            }

            var name = text[(space + 1)..];
            if (_listeners.Find(listener => listener.Name == name && listener.Address.Equals(address)) is { Descriptors: { } known })
                known.AddRange(descriptors);
            else
                _listeners.Add((address, name, [.. descriptors]));
        }
    }
}
