using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>unix(7): descriptors that travel, and who is at the other end; and how a socket is reset.</summary>
internal static unsafe partial class LibC
{
    internal const int SO_LINGER = 13;
    internal const int SO_PEERCRED = 17;
    internal const int SCM_RIGHTS = 1;
    internal const int MSG_PEEK = 2;
    internal const int MSG_CTRUNC = 8;
    internal const int MSG_CMSG_CLOEXEC = 0x40000000;

    [LibraryImport(Name, SetLastError = true)] internal static partial nint sendmsg(int fd, MessageHeader* message, int flags);
    [LibraryImport(Name, SetLastError = true)] internal static partial nint recvmsg(int fd, MessageHeader* message, int flags);
    [LibraryImport(Name, SetLastError = true)] internal static partial int getsockopt(int fd, int level, int name, void* value, uint* len);
    [LibraryImport(Name)] internal static partial uint geteuid();

    /// <summary>struct msghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>struct cmsghdr; the data follows.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    /// <summary>struct ucred.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Credentials
    {
        public int Pid;
        public uint Uid;
        public uint Gid;
    }

    /// <summary>struct linger.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Linger
    {
        public int On;
        public int Seconds;
    }
}
