using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>The system calls of the transport: sockets, epoll, eventfd. Numbers are Linux's.</summary>
internal static unsafe partial class LibC
{
    private const string Name = "libc";

    internal const int EPERM = 1;
    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const int EPROTO = 71;
    internal const int ECONNABORTED = 103;
    internal const int ENFILE = 23;
    internal const int EMFILE = 24;
    internal const int ENOBUFS = 105;
    internal const int ENOMEM = 12;
    internal const int EINPROGRESS = 115;

    internal const int AF_INET = 2;
    internal const int AF_INET6 = 10;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_NONBLOCK = 0x800;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int SOL_SOCKET = 1;
    internal const int SO_REUSEADDR = 2;
    internal const int SO_ERROR = 4;
    internal const int SO_KEEPALIVE = 9;
    internal const int SO_REUSEPORT = 15;
    internal const int IPPROTO_TCP = 6;
    internal const int IPPROTO_IPV6 = 41;
    internal const int IPV6_V6ONLY = 26;
    internal const int TCP_NODELAY = 1;
    internal const int MSG_NOSIGNAL = 0x4000;
    internal const int MSG_MORE = 0x8000;
    internal const int SHUT_WR = 1;

    internal const int EPOLL_CLOEXEC = 0x80000;
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;
    internal const uint EPOLLIN = 0x001;
    internal const uint EPOLLOUT = 0x004;
    internal const uint EPOLLERR = 0x008;
    internal const uint EPOLLHUP = 0x010;
    internal const uint EPOLLRDHUP = 0x2000;
    internal const uint EPOLLET = 1u << 31;
    internal const int EFD_CLOEXEC = 0x80000;
    internal const int EFD_NONBLOCK = 0x800;

    [LibraryImport(Name, SetLastError = true)] internal static partial int socket(int domain, int type, int protocol);
    [LibraryImport(Name, SetLastError = true)] internal static partial int bind(int fd, byte* addr, uint len);
    [LibraryImport(Name, SetLastError = true)] internal static partial int listen(int fd, int backlog);
    [LibraryImport(Name, SetLastError = true)] internal static partial int accept4(int fd, byte* addr, uint* len, int flags);
    [LibraryImport(Name, SetLastError = true)] internal static partial int getsockname(int fd, byte* addr, uint* len);
    [LibraryImport(Name, SetLastError = true)] internal static partial int connect(int fd, byte* addr, uint len);
    [LibraryImport(Name, SetLastError = true)] internal static partial int setsockopt(int fd, int level, int name, void* value, uint len);
    [LibraryImport(Name, SetLastError = true)] internal static partial int shutdown(int fd, int how);
    [LibraryImport(Name, SetLastError = true)] internal static partial nint send(int fd, byte* buf, nuint len, int flags);
    [LibraryImport(Name, SetLastError = true)] internal static partial nint recv(int fd, byte* buf, nuint len, int flags);
    [LibraryImport(Name, SetLastError = true)] internal static partial nint read(int fd, void* buf, nuint count);
    [LibraryImport(Name, SetLastError = true)] internal static partial nint write(int fd, void* buf, nuint count);
    [LibraryImport(Name, SetLastError = true)] internal static partial int close(int fd);
    [LibraryImport(Name, SetLastError = true)] internal static partial int epoll_create1(int flags);
    [LibraryImport(Name, SetLastError = true)] internal static partial int epoll_ctl(int epfd, int op, int fd, void* ev);
    [LibraryImport(Name, SetLastError = true)] internal static partial int epoll_wait(int epfd, void* events, int maxevents, int timeout);
    [LibraryImport(Name, SetLastError = true)] internal static partial int eventfd(uint initval, int flags);
}
