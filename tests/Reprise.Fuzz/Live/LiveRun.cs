using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Reprise.Edge.Tests.Harness;
using Reprise.Soak;
using Reprise.Testing;
using Reprise.Tls.Tests;

namespace Reprise.Fuzz.Live;

/// <summary>
/// ClientHellos of real clients, changed, sent to a real node: it goes on serving others, has no error to log, and neither its memory
/// nor its descriptors grow.
/// </summary>
internal sealed class LiveRun
{
    private const int AtOnce = 48;
    private const long MostGrowth = 96 << 20; // a heap that breathes does not double; a leak of these many connections does

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly EdgeNode _node;
    private readonly Random _random;
    private readonly List<byte[]> _corpus = [];
    private long _sent;
    private int _visits;

    private LiveRun(EdgeNode node, int seed)
    {
        _node = node;
        _random = new Random(seed);
    }

    /// <returns>Whether nothing was found.</returns>
    public static async Task<bool> RunAsync(int seed, TimeSpan duration)
    {
        await using var cluster = await SoakCluster.StartAsync();
        var run = new LiveRun(cluster.Edges[0], seed);
        try
        {
            await run.RunAsync(duration);
            return true;
        }
        catch (Exception found)
        {
            Console.WriteLine($"FOUND in the live node, after {run._sent} ClientHellos of seed {seed}: {found}\n{string.Join('\n', run._node.Process.Lines.TakeLast(20))}");
            return false;
        }
    }

    private async Task RunAsync(TimeSpan duration)
    {
        await CollectAsync();
        await VisitAsync();
        var sockets = Sockets();
        var (warmMemory, watch) = (0L, Stopwatch.StartNew());
        while (watch.Elapsed < duration)
        {
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => SendAsync(Next(), _random.Next(6))));
            if (_sent % (AtOnce * 20) == 0)
                await VisitAsync();
            if (warmMemory == 0 && watch.Elapsed > duration / 3)
                warmMemory = Memory();
        }

        await VisitAsync();
        await Eventually.TrueAsync(() => Sockets() <= sockets + 2, TimeSpan.FromSeconds(60), text: $"sockets, {sockets} at first");
        var memory = Memory();
        Console.WriteLine($"ClientHello: {_sent} over live sockets, {_visits} honest clients served in between; memory {warmMemory >> 20} MB, at the end {memory >> 20} MB; sockets {sockets}, at the end {Sockets()}");
        var metrics = await _node.MetricsAsync();
        Require(memory < warmMemory + MostGrowth, $"memory grew from {warmMemory >> 20} to {memory >> 20} MB");
        Require(metrics.Failures("internal") == 0, $"{metrics.Failures("internal")} handshakes failed by our own fault");
        Require(!_node.Errors.Any(), string.Join('\n', _node.Errors));
    }

    private byte[] Next() => Mutator.MutateHello(_corpus[_random.Next(_corpus.Count)], _random);

    /// <summary>What the ten clients of Corpus say at first, and sessions of this node, which its parsers of identities take for real.</summary>
    private async Task CollectAsync()
    {
        foreach (var file in Directory.EnumerateFiles(RepositoryRoot.File("tests", "Reprise.Fuzz", "Corpus"), "*.hex").Order(StringComparer.Ordinal))
            _corpus.Add(Convert.FromHexString((await File.ReadAllTextAsync(file)).ReplaceLineEndings("")));
        using var files = new TemporaryDirectory();
        foreach (var host in (string[])[EdgeSettings.Stateful, EdgeSettings.Stateless])
        {
            foreach (var version in (string[])["1.2", "1.3"])
            {
                var (session, noTicket) = (files.File($"{host}{version}.pem"), version == "1.2" && host == EdgeSettings.Stateful);
                await _node.VisitAsync(version, host, noTicket, keep: session);
                _corpus.Add(await ClientHelloBytes.OfAsync(version, noTicket, session, host));
            }
        }
    }

    private async Task SendAsync(byte[] hello, int manner)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await socket.ConnectAsync(_node.EndPoint, limit.Token);
            Interlocked.Increment(ref _sent);
            var half = manner == 0 ? hello.Length / 2 : hello.Length;
            await socket.SendAsync(hello.AsMemory(0, half), limit.Token);
            await socket.SendAsync(hello.AsMemory(half), limit.Token);
            if (manner == 1)
                await socket.SendAsync(hello, limit.Token); // and once more, where a second flight would stand
            if (manner == 2)
            {
                socket.Close(timeout: 0); // reset
                return;
            }

            socket.Shutdown(SocketShutdown.Send);
            var buffer = new byte[16384];
            while (await socket.ReceiveAsync(buffer, limit.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Refused, or reset.
        }
    }

    /// <summary>An honest client, in between.</summary>
    private async Task VisitAsync()
    {
        using var client = new TcpClient();
        using var limit = new CancellationTokenSource(Patience * 3);
        await client.ConnectAsync(_node.EndPoint, limit.Token);
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = EdgeSettings.Stateless, AllowTlsResume = false, CertificateChainPolicy = _node.Trust() }, limit.Token);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get("/.well-known/reprise/handshake", EdgeSettings.Stateless)), limit.Token);
        var answer = await new StreamReader(stream).ReadToEndAsync(limit.Token);
        Require(answer.Contains("\"mode\":\"full\"", StringComparison.Ordinal), answer);
        _visits++;
    }

    private int Sockets() => new DirectoryInfo($"/proc/{_node.Process.Id}/fd").EnumerateFileSystemInfos()
        .Count(descriptor => descriptor.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    private long Memory()
    {
        using var process = Process.GetProcessById(_node.Process.Id);
        return process.WorkingSet64;
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
            throw new InvalidOperationException(what);
    }
}
