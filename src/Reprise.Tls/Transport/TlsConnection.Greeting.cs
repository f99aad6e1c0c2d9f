using System.Net;
using System.Runtime.InteropServices;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

internal sealed partial class TlsConnection
{
    private ulong? _counted; // by which address
    private IPEndPoint? _local; // as the proxy tells it

    /// <summary>
    /// Looks at what has come without taking it, until the header is whole: then that is taken and not a byte more, since OpenSSL
    /// reads the socket from there on.
    /// </summary>
    private unsafe void Greet()
    {
        var seen = Receive(ProxyHeader.MaxLength, LibC.MSG_PEEK);
        if (seen < 0 && Marshal.GetLastPInvokeError() == LibC.EAGAIN)
            return;
        if (seen <= 0)
        {
            Close(); // gone without a word, as some health checks
            return;
        }

        switch (ProxyHeader.Parse(new ReadOnlySpan<byte>(_loop.Scratch, seen), out var header))
        {
            case ProxyHeaderStep.NeedsInput when !_tls.MayEnd:
                break;
            case ProxyHeaderStep.Complete when Receive(header.Length, 0) == header.Length:
                Believe(header);
                break;
            case ProxyHeaderStep.None when _listener.Served.ProxyProtocol is ProxyProtocolMode.Optional:
                Enter(_remote.Address);
                break;
            default:
                Refuse(ConnectionRefusal.ProxyHeader);
                break;
        }
    }

    private void Believe(in ProxyHeader header)
    {
        if (header.IsLocal)
        {
            BeginHandshake(); // the proxy itself, to see whether we are well
            return;
        }

        _remote = header.Source;
        _local = header.Destination;
        Enter(_remote.Address);
    }

    private void Enter(IPAddress client)
    {
        if (_listener.Count(client, _loop.Now, out _counted) is { } refusal)
            Refuse(refusal);
        else
            BeginHandshake();
    }

    private void BeginHandshake()
    {
        _state = State.Handshaking;
        DriveHandshake(); // its first bytes may have come with the header's, and their edge with them
    }

    private void Refuse(ConnectionRefusal reason)
    {
        _listener.Refuse(_socket, reason);
        Close();
    }

    private unsafe int Receive(int length, int flags)
    {
        nint result;
        do
            result = LibC.recv(_socket, _loop.Scratch, (nuint)length, flags);
        while (result < 0 && Marshal.GetLastPInvokeError() == LibC.EINTR);
        return (int)result;
    }
}
