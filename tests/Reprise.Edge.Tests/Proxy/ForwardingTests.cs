using System.Net;
using System.Net.WebSockets;
using System.Text;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Proxy;

/// <summary>What the upstream gets to see, and what a client cannot make it see.</summary>
[Collection(TwoEdges.Collection)]
public sealed class ForwardingTests(TwoEdges edges) : IDisposable
{
    private static readonly Uri Site = new($"https://{EdgeSettings.Stateless}/shop/cart?item=1&item=2");

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_ThroughTheEdge_ArrivesWithTheUsualHeaders(bool http2)
    {
        using var browser = edges.One.Browser(http2);
        using var answer = await browser.GetAsync(Site);
        var seen = UpstreamRequest.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(http2 ? HttpVersion.Version20 : HttpVersion.Version11, answer.Version);
        Assert.Equal(("GET", "/shop/cart", "?item=1&item=2"), (seen.Method, seen.Path, seen.Query));
        Assert.Equal(EdgeSettings.Stateless, seen.Header("Host"));
        Assert.Equal("127.0.0.1", seen.Header("X-Forwarded-For"));
        Assert.Equal("https", seen.Header("X-Forwarded-Proto"));
        Assert.Equal(EdgeSettings.Stateless, seen.Header("X-Forwarded-Host"));
        Assert.Equal("full", seen.Header("X-Reprise-Session"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_WithForwardedHeadersOfItsOwn_ArrivesWithOurs(bool http2)
    {
        using var browser = edges.One.Browser(http2);
        using var request = new HttpRequestMessage(HttpMethod.Get, Site) { Version = browser.DefaultRequestVersion, VersionPolicy = browser.DefaultVersionPolicy };
        request.Headers.Add("X-Forwarded-For", "6.6.6.6");
        request.Headers.Add("X-Forwarded-Proto", "http");
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        request.Headers.Add("X-Forwarded-Prefix", "/evil");
        request.Headers.Add("Forwarded", "for=6.6.6.6;host=evil.example");
        request.Headers.Add("x-reprise-session", ["stateful; issuer=\"evil\"", "full"]);

        using var answer = await browser.SendAsync(request);
        var seen = UpstreamRequest.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal("127.0.0.1", seen.Header("X-Forwarded-For"));
        Assert.Equal("https", seen.Header("X-Forwarded-Proto"));
        Assert.Equal(EdgeSettings.Stateless, seen.Header("X-Forwarded-Host"));
        Assert.Equal("full", seen.Header("X-Reprise-Session"));
        Assert.DoesNotContain(seen.Headers.Values, value => value.Contains("evil", StringComparison.Ordinal) || value.Contains("6.6.6.6", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1.2", EdgeSettings.Stateful, true, "stateful")]
    [InlineData("1.3", EdgeSettings.Stateless, false, "stateless")]
    public async Task Request_OnAResumedConnection_TellsTheUpstreamHow(string version, string host, bool noTicket, string mode)
    {
        var session = _files.File("session.pem");
        var full = await edges.One.VisitAsync(version, host, noTicket, keep: session);
        var client = await new OpenSsl(edges.Two.Tls)
        {
            Version = version,
            ServerName = host,
            NoTicket = noTicket,
            SessionIn = session,
            Request = OpenSsl.Get("/", host),
        }.RunAsync();

        var seen = UpstreamRequest.Parse(client.Response!.Split('\n').First(line => line.StartsWith('{')));
        Assert.StartsWith($"{mode}; issuer=\"edge-1\"; epoch={full.Epoch}; since=", seen.Header("X-Reprise-Session"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_WithABody_ArrivesWhole(bool http2)
    {
        using var browser = edges.One.Browser(http2);
        using var body = new ByteArrayContent(new byte[3_000_000]);
        using var answer = await browser.PostAsync(Site, body);

        var seen = UpstreamRequest.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(("POST", 3_000_000), (seen.Method, seen.Body));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // RFC 8441: a stream of an HTTP/2 connection, which to the upstream is an upgrade
    public async Task WebSocket_ThroughTheEdge_CarriesMessagesBothWays(bool http2)
    {
        using var socket = new ClientWebSocket
        {
            Options =
            {
                HttpVersion = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
                HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact,
                CollectHttpResponseDetails = true,
            },
        };
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = { CertificateChainPolicy = edges.One.Trust(), TargetHost = "localhost" },
        };
        using var invoker = new HttpMessageInvoker(handler);
        await socket.ConnectAsync(new Uri($"wss://localhost:{edges.One.EndPoint.Port}/ws"), invoker, CancellationToken.None);
        Assert.Equal(http2 ? HttpStatusCode.OK : HttpStatusCode.SwitchingProtocols, socket.HttpStatusCode);
        var buffer = new byte[100];
        foreach (var text in new[] { "one", "two" })
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);
            var echo = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            Assert.Equal(text, Encoding.UTF8.GetString(buffer, 0, echo.Count));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        Assert.Equal(WebSocketState.Closed, socket.State);
    }
}
