using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Reprise.Edge.Tests.Harness;
using static Reprise.Edge.Tests.Reload.LiveEdge;

namespace Reprise.Edge.Tests.Reload;

/// <summary>Clients that stay, and clients that come anew, notice nothing of ten reloads.</summary>
public sealed class ReloadUnderLoadTests(EdgeWorld world)
{
    private const int Reloads = 10;

    [Fact]
    public async Task Reload_TenTimesUnderLoad_FailsNoRequestAndDropsNoConnection()
    {
        await using var other = await Upstream.StartAsync();
        await using var edge = await StartAsync(world);
        using var stop = new CancellationTokenSource();
        var faults = new ConcurrentQueue<string>();
        var load = new[] { StayAsync(edge, http2: false), StayAsync(edge, http2: true), ComeAsync(edge), ComeAsync(edge) };

        for (var round = 0; round < Reloads; round++)
        {
            edge.Settings.With("Profiles:stateless:Upstream:Http:0", round % 2 == 0 ? other.Address : world.Upstream.Address);
            edge.Settings.With("Profiles:stateful:IdleTimeout", $"00:01:{round:00}");
            await edge.ReloadAsync(() =>
            {
                edge.Issue(newKey: round % 3 == 2);
                edge.Write();
            });
        }

        await stop.CancelAsync();
        var requests = await Task.WhenAll(load);
        Assert.Empty(faults);
        Assert.All(requests, count => Assert.True(count >= Reloads, $"{count} requests only"));
        Assert.Empty(edge.Node.Errors);

        async Task<int> StayAsync(LiveEdge edge, bool http2)
        {
            var connections = 0;
            using var browser = new HttpClient(new SocketsHttpHandler
            {
                UseProxy = false,
                ConnectCallback = async (_, cancel) =>
                {
                    Interlocked.Increment(ref connections);
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    await socket.ConnectAsync(edge.Node.EndPoint, cancel);
                    return new NetworkStream(socket, ownsSocket: true);
                },
                SslOptions = { CertificateChainPolicy = edge.Node.Trust() },
            })
            {
                DefaultRequestVersion = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
                DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            var count = 0;
            for (; !stop.IsCancellationRequested; count++)
                await AskAsync(browser);
            if (connections != 1)
                faults.Enqueue($"{connections} connections for {count} requests (HTTP/2: {http2})");
            return count;
        }

        async Task<int> ComeAsync(LiveEdge edge)
        {
            var count = 0;
            for (; !stop.IsCancellationRequested; count++)
            {
                using var browser = edge.Node.Browser();
                await AskAsync(browser);
            }

            return count;
        }

        async Task AskAsync(HttpClient browser)
        {
            try
            {
                using var response = await browser.GetAsync(new Uri($"https://{Stateless}/"));
                await response.Content.ReadAsStringAsync();
                if (response.StatusCode is not HttpStatusCode.OK)
                    faults.Enqueue($"{response.StatusCode}");
            }
            catch (HttpRequestException fault)
            {
                faults.Enqueue($"{fault.Message} {fault.InnerException?.Message}");
            }
        }
    }

    [Fact]
    public async Task Reload_ProfileOfAConnectionIsGone_AnswersItsNextRequestWith421AndCloses()
    {
        await using var edge = await StartAsync(world);
        using var browser = edge.Node.Browser();
        using var http2 = edge.Node.Browser(http2: true);
        foreach (var client in new[] { browser, http2 })
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri($"https://{Stateless}/"))).StatusCode);

        await edge.ReloadAsync(() =>
        {
            edge.Settings["Profiles"]!.AsObject().Remove("stateless");
            edge.Write();
        });

        var answer = await browser.GetAsync(new Uri($"https://{Stateless}/"));
        Assert.Equal((HttpStatusCode.MisdirectedRequest, true), (answer.StatusCode, answer.Headers.ConnectionClose));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await http2.GetAsync(new Uri($"https://{Stateless}/"))).StatusCode);
        foreach (var client in new[] { browser, http2 }) // by a new connection, whose profile is the default one
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri($"https://{Stateless}/"))).StatusCode);
    }
}
