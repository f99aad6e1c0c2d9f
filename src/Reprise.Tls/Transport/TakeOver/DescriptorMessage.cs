using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>A packet of text with descriptors beside it, over a SOCK_SEQPACKET socket of unix(7).</summary>
internal static unsafe class DescriptorMessage
{
    /// <summary>Descriptors in one packet; the kernel takes 253 (SCM_MAX_FD).</summary>
    public const int MaxDescriptors = 64;

    private const int MaxText = 1024;
    private const int HeaderLength = 16; // CMSG_LEN(0)

    /// <exception cref="IOException">It cannot be sent.</exception>
    public static void Send(Socket socket, string text, ReadOnlySpan<int> descriptors)
    {
        var control = stackalloc byte[HeaderLength + MaxDescriptors * sizeof(int)];
        var bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* data = bytes)
        {
            var vector = new LibC.IoVector { Base = data, Length = (nuint)bytes.Length };
            var message = new LibC.MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (!descriptors.IsEmpty)
            {
                var length = HeaderLength + descriptors.Length * sizeof(int);
                *(LibC.ControlHeader*)control = new() { Length = (nuint)length, Level = LibC.SOL_SOCKET, Type = LibC.SCM_RIGHTS };
                descriptors.CopyTo(new Span<int>(control + HeaderLength, MaxDescriptors));
                message.Control = control;
                message.ControlLength = (nuint)((length + 7) & ~7);
            }

            EventLoop.Check((int)LibC.sendmsg(Descriptor(socket), &message, LibC.MSG_NOSIGNAL), "sendmsg");
        }
    }

    /// <summary>The next packet; its descriptors are the caller's. An empty text: the other side has closed.</summary>
    /// <exception cref="IOException">It cannot be received, or not in time.</exception>
    public static string Receive(Socket socket, out int[] descriptors)
    {
        const int controlLength = HeaderLength + MaxDescriptors * sizeof(int);
        var control = stackalloc byte[controlLength];
        var data = stackalloc byte[MaxText];
        var vector = new LibC.IoVector { Base = data, Length = MaxText };
        var message = new LibC.MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = controlLength };
        nint received;
        do
            received = LibC.recvmsg(Descriptor(socket), &message, LibC.MSG_CMSG_CLOEXEC);
        while (received < 0 && Marshal.GetLastPInvokeError() == LibC.EINTR);
        var length = EventLoop.Check((int)received, "recvmsg");
        descriptors = [];
        var header = (LibC.ControlHeader*)control;
        if (message.ControlLength >= HeaderLength && header->Level == LibC.SOL_SOCKET && header->Type == LibC.SCM_RIGHTS)
            descriptors = new ReadOnlySpan<int>(control + HeaderLength, (int)(header->Length - HeaderLength) / sizeof(int)).ToArray();
        return Encoding.UTF8.GetString(data, length);
    }

    /// <summary>Whether the process at the other end runs as this user, or as root.</summary>
    public static bool IsOwn(Socket socket)
    {
        LibC.Credentials peer;
        var length = (uint)sizeof(LibC.Credentials);
        EventLoop.Check(LibC.getsockopt(Descriptor(socket), LibC.SOL_SOCKET, LibC.SO_PEERCRED, &peer, &length), "SO_PEERCRED");
        return peer.Uid == LibC.geteuid() || peer.Uid == 0;
    }

    private static int Descriptor(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle(); // the caller keeps it open
}
