using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>Mutated ClientHellos over a live socket. The seed is fixed: what fails, fails again.</summary>
public sealed class ClientHelloFuzzTests : TlsTest
{
    private const int Seed = 20261123;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task ClientHello_Mutated_NeverHarmsTheServer()
    {
        await using var server = await StartAsync(o => o with { Tls13 = Tls13ResumptionMode.Stateful });
        await using var stateless = await StartAsync();
        var samples = new[]
        {
            await ClientHelloBytes.OfAsync("1.2", serverName: "a.test"),
            await ClientHelloBytes.OfAsync("1.2", noTicket: true, await SessionAsync(server, "1.2", noTicket: true)),
            await ClientHelloBytes.OfAsync("1.2", session: await SessionAsync(stateless, "1.2"), serverName: "localhost", arguments: ["-alpn", "h2,http/1.1"]),
            await ClientHelloBytes.OfAsync("1.3", session: await SessionAsync(server, "1.3")),
            await ClientHelloBytes.OfAsync("1.3", session: await SessionAsync(stateless, "1.3"), serverName: "localhost"),
        };
        var random = new Random(Seed);
        var (sent, watch) = (0, Stopwatch.StartNew());
        while (watch.Elapsed < Duration)
        {
            var batch = Enumerable.Range(0, 32).Select(_ => Mutate(samples[random.Next(samples.Length)], random)).ToList();
            await Task.WhenAll(batch.Select((hello, i) => SendAsync(i % 2 == 0 ? server : stateless, hello)));
            sent += batch.Count;
        }

        await Eventually.TrueAsync(() => server.Policy.Failures.Count + stateless.Policy.Failures.Count == sent);
        Assert.DoesNotContain(server.Policy.Failures.Concat(stateless.Policy.Failures), f => f.Failure is HandshakeFailure.Internal);
        Assert.Contains("200 OK", (await Client(server).RunAsync()).Response);
        Assert.Contains("200 OK", (await Client(stateless).RunAsync()).Response);
    }

    /// <summary>Sends it whole or in two parts, ends, and takes the answer to its end.</summary>
    private static async Task SendAsync(TlsServer server, byte[] hello)
    {
        using var socket = await RawClient.ConnectAsync(server);
        try
        {
            var half = hello.Length % 3 == 0 ? hello.Length / 2 : hello.Length;
            await socket.SendAsync(hello.AsMemory(0, half));
            await socket.SendAsync(hello.AsMemory(half));
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // refused already
        }

        await RawClient.ReadToEndAsync(socket);
    }

    private static byte[] Mutate(byte[] sample, Random random)
    {
        var hello = (byte[])sample.Clone();
        for (var times = random.Next(1, 5); times > 0; times--)
        {
            var at = random.Next(5, hello.Length);
            switch (random.Next(6))
            {
                case 0:
                    hello[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    hello[at] = (byte)random.Next(256);
                    break;
                case 2: // a length field becomes an extreme
                    BinaryPrimitives.WriteUInt16BigEndian(hello.AsSpan(Math.Min(at, hello.Length - 2)), random.Next(3) switch { 0 => 0, 1 => 0xffff, _ => (ushort)random.Next(64) });
                    break;
                case 3: // bytes go
                    var gone = random.Next(1, Math.Min(40, hello.Length - at) + 1);
                    hello = Relength([.. hello[..at], .. hello[(at + gone)..]], random);
                    break;
                case 4: // bytes come
                    var more = new byte[random.Next(1, 300)];
                    random.NextBytes(more);
                    hello = Relength([.. hello[..at], .. more, .. hello[at..]], random);
                    break;
                default: // a part comes twice
                    var part = hello[at..Math.Min(hello.Length, at + random.Next(1, 60))];
                    hello = Relength([.. hello[..at], .. part, .. hello[at..]], random);
                    break;
            }

            if (hello.Length < 12)
                return hello;
        }

        return hello;
    }

    /// <summary>Mostly sets the lengths of record and message right, so that the parsers behind them see the rest.</summary>
    private static byte[] Relength(byte[] hello, Random random)
    {
        if (hello.Length < 9 || random.Next(8) == 0)
            return hello;
        BinaryPrimitives.WriteUInt16BigEndian(hello.AsSpan(3), (ushort)(hello.Length - 5));
        hello[6] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(hello.AsSpan(7), (ushort)(hello.Length - 9));
        return hello;
    }
}
