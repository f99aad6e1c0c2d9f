using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Reprise.Cli.Up;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Up;

public sealed class LocalPortsTests
{
    [Fact]
    public void EnsureFree_WhereSomebodyListensWithReusePort_NamesThePort()
    {
        var port = FreePort.NextRange(2) + 1;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // SO_REUSEPORT of Linux, as the edges set it.
        socket.SetRawSocketOption(1, 15, BitConverter.GetBytes(1));
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen();

        var taken = Assert.Throws<CliException>(() => LocalPorts.EnsureFree(port - 1, 2));

        Assert.Equal(ExitCode.CouldNotRun, taken.ExitCode);
        Assert.Contains(port.ToString(CultureInfo.InvariantCulture), taken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EnsureFree_WhereNobodyListens_LeavesThePortsFree()
    {
        var first = FreePort.NextRange(2);
        LocalPorts.EnsureFree(first, 2);
        LocalPorts.EnsureFree(first, 2);
    }

    [Fact]
    public void TakeFree_Always_GivesDifferentPorts() => Assert.Equal(20, LocalPorts.TakeFree(20).Distinct().Count());
}
