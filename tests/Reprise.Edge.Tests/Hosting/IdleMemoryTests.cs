using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Reprise.Edge.Tests.Harness;

namespace Reprise.Edge.Tests.Hosting;

/// <summary>
/// What a connection costs that is only there: issue 5 asks for less than 30 KB of process memory. <c>tests/bench/idle</c> does it with ten
/// thousand. Before a request it is some 12 KB, so the bound there is lower: 16 KB that are kept and have been written to would show in both cases.
/// </summary>
public sealed class IdleMemoryTests(EdgeWorld world)
{
    private const int Connections = 2000;

    [Theory]
    [InlineData(false, 20)]
    [InlineData(true, 30)]
    public async Task IdleConnections_CostLessThan30KilobytesEach(bool afterARequest, int kilobytes)
    {
        await using var edge = await world.StartEdgeAsync(world.Settings()
            .With("Profiles:stateless:IdleTimeout", "00:30:00").With("Profiles:stateless:HandshakeTimeout", "00:02:00"));
        await using (await IdleClients.OpenAsync(edge, 300, afterARequest))
        {
            // What the first ones cost is the process's: code, pools, threads.
        }

        var before = PrivateKilobytes(edge);
        await using var clients = await IdleClients.OpenAsync(edge, Connections, afterARequest);
        var each = (PrivateKilobytes(edge) - before) / (double)Connections;

        await clients.AskAllAsync(); // they are all there still
        Assert.InRange(each, 1, kilobytes);
    }

    private static long PrivateKilobytes(EdgeNode edge) => File.ReadLines($"/proc/{edge.Process.Id}/smaps_rollup")
        .Where(line => line.StartsWith("Private_", StringComparison.Ordinal))
        .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));

    private sealed class IdleClients : IAsyncDisposable
    {
        private static readonly byte[] s_request = Encoding.ASCII.GetBytes($"GET /idle HTTP/1.1\r\nHost: {EdgeSettings.Stateless}\r\n\r\n");

        private readonly SslStream?[] _streams;

        private IdleClients(int count) => _streams = new SslStream?[count];

        public static async Task<IdleClients> OpenAsync(EdgeNode edge, int count, bool ask)
        {
            var clients = new IdleClients(count);
            var options = new SslClientAuthenticationOptions { TargetHost = EdgeSettings.Stateless, CertificateChainPolicy = edge.Trust(), AllowTlsResume = false };
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancel) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(edge.EndPoint, cancel);
                var stream = clients._streams[i] = new SslStream(new NetworkStream(socket, ownsSocket: true));
                await stream.AuthenticateAsClientAsync(options, cancel);
                if (ask)
                    await AskAsync(stream);
            });
            return clients;
        }

        public Task AskAllAsync() => Parallel.ForEachAsync(_streams, async (stream, _) => await AskAsync(stream!));

        public async ValueTask DisposeAsync()
        {
            foreach (var stream in _streams)
            {
                if (stream is not null)
                    await stream.DisposeAsync();
            }
        }

        private static async Task AskAsync(SslStream stream)
        {
            await stream.WriteAsync(s_request);
            var buffer = new byte[4096];
            var text = new StringBuilder();
            while (!text.ToString().EndsWith("0\r\n\r\n", StringComparison.Ordinal)) // Kestrel's chunked answer
            {
                var read = await stream.ReadAsync(buffer);
                Assert.NotEqual(0, read);
                text.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }

            Assert.StartsWith("HTTP/1.1 200 ", text.ToString(), StringComparison.Ordinal);
        }
    }
}
