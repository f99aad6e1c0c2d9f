using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>What goes over an established connection, by clients of four makes.</summary>
public sealed class HttpTests : TlsTest
{
    private const int Large = 64 * 1024 * 1024;

    [Theory]
    [InlineData("2.0")]
    [InlineData("1.1")]
    public async Task HttpClient_ManyRequestsAtOnce_AllAnswered(string version)
    {
        await using var server = await StartAsync();
        using var client = HttpClient(server, new Version(version));

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            var bytes = await client.GetByteArrayAsync($"/bytes/{i * 1000}");
            return bytes.Length == i * 1000 && bytes.Select((b, at) => b == (byte)(at % 70_000)).All(same => same);
        }));

        Assert.All(answers, Assert.True);
        Assert.StartsWith(version == "2.0" ? "HTTP/2 https" : "HTTP/1.1 https", await client.GetStringAsync("/"));
    }

    [Theory]
    [InlineData("2.0")]
    [InlineData("1.1")]
    public async Task Upload_Large_ArrivesIntact(string version)
    {
        await using var server = await StartAsync();
        using var client = HttpClient(server, new Version(version));
        var content = RandomNumberGenerator.GetBytes(Large);

        using var response = await client.PostAsync("/hash", new ByteArrayContent(content));

        Assert.Equal(Convert.ToHexString(SHA256.HashData(content)), await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("--http2", "HTTP/2")]
    [InlineData("--http1.1", "HTTP/1.1")]
    public async Task Curl_DownloadsLargeIntact(string option, string protocol)
    {
        await using var server = await StartAsync();
        var file = Files.File("download");

        Assert.StartsWith($"{protocol} https", await CurlAsync(option, $"https://{server.Address}/"));
        await CurlAsync(option, "-o", file, $"https://{server.Address}/bytes/{Large}");

        await using var downloaded = File.OpenRead(file);
        Assert.Equal(SHA256.HashData(Pattern(Large)), await SHA256.HashDataAsync(downloaded));
    }

    [Fact]
    public async Task Http1_KeptAliveAndPipelined_AnswersInOrder()
    {
        await using var server = await StartAsync();
        await using var stream = await ConnectAsync(server.Address);
        var requests = string.Concat(Enumerable.Range(1, 50).Select(i => $"GET /bytes/{i} HTTP/1.1\r\nHost: localhost\r\n{(i == 50 ? "Connection: close\r\n" : "")}\r\n"));

        await stream.WriteAsync(Encoding.ASCII.GetBytes(requests));
        var text = Encoding.Latin1.GetString(await ReadToEndAsync(stream));

        var lengths = text.Split("Content-Length: ").Skip(1).Select(part => int.Parse(part[..part.IndexOf('\r')], provider: null));
        Assert.Equal(Enumerable.Range(1, 50), lengths);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Bytes_OneAtATime_HandshakeAndRequestComplete(string version)
    {
        await using var server = await StartAsync();
        await using var relay = TcpRelay.Start(server.Port);
        relay.ChunkToTarget = 1;

        var result = await (Client(server, version) with { Connect = relay.Address }).RunAsync();

        Assert.Equal(HandshakeKind.Full, result.Kind);
        Assert.Contains("200 OK", result.Response);
    }

    /// <summary>The client's Finished and its first request in one segment: no further edge follows.</summary>
    [Theory]
    [InlineData("1.2", 0)]
    [InlineData("1.3", 0)]
    [InlineData("1.3", 6)] // behind the ChangeCipherSpec
    [InlineData("1.3", 11)] // behind the header of the Finished: OpenSSL asks for just the rest of that record
    [InlineData("1.3", 21)]
    public async Task FirstRequest_InTheSegmentOfTheFinished_IsAnswered(string version, int ahead)
    {
        await using var server = await StartAsync();
        await using var relay = CoalescingRelay.Start(server.Port, ahead);

        var result = await (Client(server, version) with { Connect = relay.Address }).RunAsync();

        Assert.Contains("200 OK", result.Response);
        Assert.True(relay.Coalesced);
    }

    [Fact]
    public async Task KeyUpdates_FromTheClient_AreAnsweredAndTheConnectionGoesOn()
    {
        await using var server = await StartAsync();
        using var client = await InteractiveClient.StartAsync(server, "-tls1_3", "-msg");
        for (var i = 1; i <= 6; i++)
        {
            await client.CommandAsync(i % 2 == 0 ? 'k' : 'K', "KEYUPDATE"); // goes out with what is sent next
            await client.SendAsync($"GET /bytes/{i} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await client.SeesAsync($"Content-Length: {i}");
        }

        Assert.Contains("<<< TLS 1.3, Handshake [length 0005], KeyUpdate", client.Output); // the server's answers to K
    }

    [Fact]
    public async Task Client_ThatReadsSlowly_GetsEverything()
    {
        await using var server = await StartAsync();
        await using var stream = await ConnectAsync(server.Address);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get($"/bytes/{4 * 1024 * 1024}", "localhost")));

        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        var header = true;
        for (var turn = 0; await stream.ReadAsync(buffer.AsMemory(0, turn % 3 == 0 ? 100 : buffer.Length)) is var read and > 0; turn++)
        {
            var data = buffer.AsSpan(0, read);
            if (header && data.IndexOf("\r\n\r\n"u8) is var end and >= 0)
            {
                data = data[(end + 4)..];
                header = false;
            }

            if (!header)
                hash.AppendData(data);
            if (turn % 100 == 0)
                await Task.Delay(20);
        }

        Assert.Equal(SHA256.HashData(Pattern(4 * 1024 * 1024)), hash.GetHashAndReset());
    }

    private static HttpClient HttpClient(TlsServer server, Version version) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, server.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions = { CertificateChainPolicy = Trust() },
        MaxConnectionsPerServer = 8,
    })
    {
        BaseAddress = new Uri($"https://localhost:{server.Port}"),
        DefaultRequestVersion = version,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(60),
    };

    private static byte[] Pattern(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
            bytes[i] = (byte)(i % 70_000);
        return bytes;
    }

    private static async Task<string> CurlAsync(params IEnumerable<string> arguments)
    {
        using var curl = Process.Start(new ProcessStartInfo("curl", ["-sSfk", "--max-time", "60", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = curl.StandardError.ReadToEndAsync();
        var output = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();
        Assert.True(curl.ExitCode == 0, await errors);
        return output;
    }
}
