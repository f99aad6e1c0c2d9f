using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>
/// Handshakes of all kinds leave nothing behind: no connection object, so no GCHandle (it would hold one) and no SSL
/// (the object owns it, and closing is the only way it goes). tests/soak measures memory over many more.
/// </summary>
[Collection(Alone)]
public sealed class LeakTests : TlsTest
{
    private const string Alone = "alone: memory and descriptors are the process's";

    private const int Handshakes = 5000;

    [Fact]
    public async Task Handshakes_OfAllKinds_LeaveNoConnectionAndNoDescriptor()
    {
        var connections = new System.Collections.Concurrent.ConcurrentBag<WeakReference>();
        await using (var server = await StartAsync(o => o with { Tls13 = Tls13ResumptionMode.Stateful }))
        {
            server.Policy.Seen = handshake => connections.Add(new WeakReference(handshake));
            var hello = await ClientHelloBytes.OfAsync("1.3", session: await SessionAsync(server, "1.3"));
            await RunAsync(200); // .NET's own descriptors, of its sockets and threads, are there then
            await Eventually.TrueAsync(() => server.Connections == 0);
            var descriptors = Descriptors();
            await RunAsync(Handshakes);

            await Eventually.TrueAsync(() => Descriptors() == descriptors);
            Assert.True(server.Policy.Handshakes.Count >= Handshakes * 2 / 5);
            server.Policy.Handshakes.Clear();
            await Eventually.TrueAsync(() =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return connections.Count(c => c.IsAlive) <= 2; // what a thread's stack may still show
            });

            Task RunAsync(int count) => Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            {
                switch (i % 5)
                {
                    case 0:
                        await RequestAsync(server, SslProtocols.Tls12);
                        break;
                    case 1:
                        await RequestAsync(server, SslProtocols.Tls13);
                        break;
                    case 2: // half a handshake, ended by a FIN
                        await RawClient.ExchangeAsync(server, hello, thenHalfClose: true);
                        break;
                    case 3: // a reset at once
                        using (var socket = await RawClient.ConnectAsync(server))
                        {
                            await socket.SendAsync(hello);
                            socket.LingerState = new LingerOption(true, 0);
                        }

                        break;
                    default: // no TLS
                        await RawClient.ExchangeAsync(server, hello.AsMemory(7, 60));
                        break;
                }
            });
        }
    }

    /// <summary>A gigabyte for clients that do not read: what waits is bounded by the pipe, a flush, and the kernel's buffers.</summary>
    [Fact]
    public async Task Clients_ThatNeverRead_CostABoundedAmountOfMemory()
    {
        await using var server = await StartAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var streams = new List<SslStream>();
        for (var i = 0; i < 20; i++)
        {
            streams.Add(await ConnectAsync(server.Address));
            await streams[^1].WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get("/bytes/1000000000", "localhost")));
        }

        await Eventually.TrueAsync(() => server.Sending == 20);
        Assert.Contains("200 OK", (await Client(server).RunAsync()).Response); // and the loops serve others

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / 20;
        Assert.InRange(each, 0, 1024 * 1024);
        foreach (var stream in streams)
            await stream.DisposeAsync();
        await Eventually.TrueAsync(() => server.Sending == 0); // a client's end ends its request
    }

    private static async Task RequestAsync(TlsServer server, SslProtocols version)
    {
        await using var stream = await ConnectAsync(server.Address, new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = version });
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray());
        Assert.NotEmpty(await ReadToEndAsync(stream));
    }

    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class Collection;

    /// <summary>Sockets and epolls; of files, .NET opens more whenever it loads an assembly.</summary>
    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd")
        .Count(entry => new FileInfo(entry).LinkTarget is { } target && (target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("anon_inode:", StringComparison.Ordinal)));
}
