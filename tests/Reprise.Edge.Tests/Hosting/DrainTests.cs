using System.Net;
using System.Net.Sockets;
using System.Text;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Hosting;

/// <summary>What clients with open connections see of a stop.</summary>
public sealed class DrainTests(EdgeWorld world)
{
    [Fact]
    public async Task Terminate_WithAnHttp2StreamUnderWay_SendsGoAwayAndFinishesTheStream()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-1").With("Profiles:default:Upstream:Http:0", upstream.Address));
        using var browser = edge.Browser(http2: true);
        var held = browser.GetAsync(new Uri("https://localhost/hold"));
        await upstream.Held.WaitAsync(Eventually.DefaultTimeout);

        var stopping = edge.Process.TerminateAsync();
        // As long as it has not been told to go away, this client puts its requests on the connection it has; then it needs another, and there is none.
        await Eventually.TrueAsync(() => IsRefusedAsync(browser));
        upstream.Release();

        using var answer = await held;
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (answer.StatusCode, answer.Version));
        Assert.Equal(0, await stopping);
    }

    [Fact]
    public async Task Terminate_WithAnHttp1RequestUnderWay_SaysConnectionClose()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-2").With("Profiles:stateless:Upstream:Http:0", upstream.Address));
        await using var stream = await SourceClient.ConnectAsync(edge, edge.EndPoint, "127.0.0.1");
        await using var idle = await SourceClient.ConnectAsync(edge, edge.EndPoint, "127.0.0.1");
        await idle.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {SourceClient.Host}\r\n\r\n"));
        Assert.NotEqual(0, await idle.ReadAsync(new byte[1]));
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /hold HTTP/1.1\r\nHost: {SourceClient.Host}\r\n\r\n"));
        await upstream.Held.WaitAsync(Eventually.DefaultTimeout);

        var stopping = edge.Process.TerminateAsync();
        using (var reader = new StreamReader(idle))
            await reader.ReadToEndAsync(); // one that is kept alive ends
        await Task.Delay(TimeSpan.FromSeconds(2)); // and this one's loop has looked round
        upstream.Release();

        using var rest = new StreamReader(stream);
        var answer = await rest.ReadToEndAsync();
        Assert.Contains("200 OK", answer);
        Assert.Contains("Connection: close", answer);
        Assert.Equal(0, await stopping);
    }

    [Fact]
    public async Task Terminate_WithADrainDelay_IsNotReadyAndAcceptsUntilThen()
    {
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-3").With("Edge:DrainDelay", "00:00:05"));

        var stopping = edge.Process.TerminateAsync(TimeSpan.FromSeconds(60));
        using (var ready = await Eventually.ResultAsync(() => edge.AskAsync("/readyz"), answer => answer.StatusCode == HttpStatusCode.ServiceUnavailable))
            Assert.Equal(HandshakeKind.Full, (await edge.VisitAsync("1.3", EdgeSettings.Stateless)).Kind);
        Assert.Equal(0, await stopping);
    }

    [Fact]
    public async Task Idle_BetweenRequests_EndsAtTheProfilesDeadline()
    {
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-4").With("Profiles:stateless:IdleTimeout", "00:00:01"));
        await using var stream = await SourceClient.ConnectAsync(edge, edge.EndPoint, "127.0.0.1");
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {SourceClient.Host}\r\n\r\n"));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60)); // with no Connection: close of ours or the client's

        Assert.Contains("200 OK", answer);
        await edge.MetricsSayAsync(metrics => metrics.Sum("reprise_connections") == 0);
    }

    [Fact]
    public async Task SlowHeaders_AreCutAtTheirDeadline()
    {
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-5").With("Edge:Limits:RequestHeadersTimeout", "00:00:01"));
        await using var stream = await SourceClient.ConnectAsync(edge, edge.EndPoint, "127.0.0.1");
        await stream.WriteAsync("GET / HTTP/1.1\r\n"u8.ToArray());
        using var reader = new StreamReader(stream);
        var answer = reader.ReadToEndAsync();
        for (var i = 0; !answer.IsCompleted && i < 600; i++) // a byte now and then, for ever if it could
        {
            await Task.Delay(100);
            try
            {
                await stream.WriteAsync("x"u8.ToArray());
            }
            catch (IOException)
            {
                break; // cut
            }
        }

        Assert.Contains("408 ", await answer);
    }

    private static async Task<bool> IsRefusedAsync(HttpClient browser)
    {
        try
        {
            using var answer = await browser.GetAsync(new Uri("https://localhost/"));
            return false;
        }
        catch (HttpRequestException fault) when (fault.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } || fault.HttpRequestError is HttpRequestError.ConnectionError)
        {
            return true;
        }
    }
}
