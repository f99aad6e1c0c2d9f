using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Harness;

/// <summary>HAProxy as a TCP load balancer before a node: the other side of PROXY protocol that we did not write.</summary>
internal sealed class HaProxy : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TemporaryDirectory _files;

    private HaProxy(Process process, TemporaryDirectory files, IPEndPoint endPoint)
    {
        _process = process;
        _files = files;
        EndPoint = endPoint;
    }

    /// <summary>Where clients connect.</summary>
    public IPEndPoint EndPoint { get; }

    /// <param name="server">The node's listener.</param>
    /// <param name="how">Of its <c>server</c> line: <c>send-proxy</c>, <c>send-proxy-v2</c>, with options.</param>
    public static async Task<HaProxy> StartAsync(string server, string how)
    {
        var files = new TemporaryDirectory();
        var endPoint = new IPEndPoint(IPAddress.Loopback, FreePort.Next());
        var config = files.File("haproxy.cfg");
        await File.WriteAllTextAsync(config, $"""
            defaults
              mode tcp
              timeout connect 10s
              timeout client 60s
              timeout server 60s
            listen edge
              bind {endPoint}
              server edge {server} {how}

            """);
        var process = Process.Start(new ProcessStartInfo("haproxy", ["-db", "-f", config]) { RedirectStandardError = true })!;
        var haproxy = new HaProxy(process, files, endPoint);
        try
        {
            await Eventually.TrueAsync(() => process.HasExited || Accepts(endPoint));
        }
        catch
        {
            await haproxy.DisposeAsync();
            throw;
        }

        if (!process.HasExited)
            return haproxy;
        var said = await process.StandardError.ReadToEndAsync();
        await haproxy.DisposeAsync();
        throw new InvalidOperationException(said);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _files.Dispose();
    }

    private static bool Accepts(IPEndPoint endPoint)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
