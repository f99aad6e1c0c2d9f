using System.Net;
using System.Net.Sockets;
using System.Text;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Hosting;

/// <summary>The management port serves management and nothing else; the TLS port never does.</summary>
[Collection(TwoEdges.Collection)]
public sealed class ManagementTests(TwoEdges edges)
{
    [Theory]
    [InlineData("/healthz", HttpStatusCode.OK, "ok\n")]
    [InlineData("/readyz", HttpStatusCode.OK, "ready\n")]
    [InlineData("/", HttpStatusCode.NotFound, "")]
    [InlineData("/shop/cart", HttpStatusCode.NotFound, "")]
    [InlineData("/.well-known/reprise/handshake", HttpStatusCode.NotFound, "")]
    public async Task Management_Path_IsItsOwnOrNotFound(string path, HttpStatusCode status, string body)
    {
        using var answer = await edges.One.AskAsync(path);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(body, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Management_Metrics_TellTheNodesState()
    {
        var metrics = await edges.One.MetricsAsync();

        Assert.Equal(1, metrics.Sum("reprise_store_connected"));
        Assert.Equal(1, metrics.Sum("reprise_keyservice_connected"));
        Assert.True(metrics.Sum("reprise_keyring_generation") > 0);
        Assert.True(metrics.Sum("reprise_epoch_sealing") > 0);
    }

    // Whatever clients do, the set of series stays small and says nothing of them.
    [Fact]
    public async Task Management_MetricLabels_AreOfAFixedSet()
    {
        await edges.One.VisitAsync("1.3", "some-name-of-a-client.reprise.test");
        await edges.One.MetricsSayAsync(now => now.Handshakes("TLSv1.3", "full") > 0);
        string[] allowed = ["protocol", "mode", "result", "reason", "issuer", "node", "profile", "calls", "key", "le"];
        string[] nodes = ["edge-1", "edge-2"];
        string[] profiles = ["stateful", "stateless", "default"]; // of the configuration, never of a client

        foreach (var (name, label, value) in (await edges.One.MetricsAsync()).Labels)
        {
            Assert.True(allowed.Contains(label), $"{name} has a label {label}");
            if (label is "issuer" or "node")
                Assert.Contains(value, nodes);
            if (label is "profile")
                Assert.Contains(value, profiles);
            if (label is "key")
                Assert.Equal("ECDSA", value); // of the site's certificate
            Assert.DoesNotContain("reprise.test", value, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    public async Task TlsPort_ManagementPath_IsTheUpstreams(string path)
    {
        using var browser = edges.One.Browser();
        var seen = UpstreamRequest.Parse(await browser.GetStringAsync(new Uri($"https://{EdgeSettings.Stateless}{path}")));

        Assert.Equal(path, seen.Path);
    }

    [Fact]
    public async Task TlsPort_PlainHttp_GetsNoHttp()
    {
        var before = await edges.One.MetricsAsync();
        var answer = await TalkAsync(edges.One.EndPoint, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Assert.DoesNotContain("HTTP/1", answer, StringComparison.Ordinal);
        await edges.One.MetricsSayAsync(now => now.Failures("client") > before.Failures("client"));
    }

    [Fact]
    public async Task ManagementPort_ClaimsOfAProxy_MakeItNoTls()
    {
        var answer = await TalkAsync(
            new IPEndPoint(IPAddress.Loopback, edges.One.Management.Port),
            "GET https://stateless.reprise.test/shop HTTP/1.1\r\nHost: stateless.reprise.test\r\nX-Forwarded-Proto: https\r\nX-Reprise-Profile: stateless\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 404", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HandshakeEndpoint_Report_HasTheAgreedFields()
    {
        var visit = await edges.One.VisitAsync("1.3", EdgeSettings.Stateless, arguments: ["-alpn", "http/1.1"]);

        Assert.Equal(
            ["node", "protocol", "cipher", "group", "sni", "alpn", "profile", "resumed", "mode", "offered", "issuer", "epoch", "sessionAgeSeconds", "declined", "clientCertificate"],
            visit.Report.EnumerateObject().Select(property => property.Name));
        Assert.Equal(
            ("TLSv1.3", visit.Client.Cipher, "x25519", "http/1.1", "stateless"),
            (visit.Text("protocol"), visit.Text("cipher"), visit.Text("group"), visit.Text("alpn"), visit.Profile));
        Assert.Contains("no-store", visit.Client.Response, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("application/json", visit.Client.Response, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task HandshakeEndpoint_NoSniNoAlpn_AreNull()
    {
        var visit = await edges.One.VisitAsync("1.2");

        Assert.Equal((null, null, "default"), (visit.Text("sni"), visit.Text("alpn"), visit.Profile));
    }

    [Fact]
    public async Task HandshakeEndpoint_ByHttp2_SaysSo()
    {
        using var browser = edges.One.Browser(http2: true);
        var report = await browser.GetStringAsync(new Uri($"https://{EdgeSettings.Stateless}/.well-known/reprise/handshake"));

        Assert.Contains("\"alpn\":\"h2\"", report, StringComparison.Ordinal);
        Assert.Contains($"\"sni\":\"{EdgeSettings.Stateless}\"", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HandshakeEndpoint_Post_IsNotAllowed()
    {
        using var browser = edges.One.Browser();
        using var answer = await browser.PostAsync(new Uri($"https://{EdgeSettings.Stateless}/.well-known/reprise/handshake"), null);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    private static async Task<string> TalkAsync(IPEndPoint to, string text)
    {
        using var limit = new CancellationTokenSource(Eventually.DefaultTimeout);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(to, limit.Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes(text), limit.Token);
        var answer = new List<byte>();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token)) > 0;)
                answer.AddRange(buffer[..read]);
        }
        catch (SocketException)
        {
            // Reset: what came before it counts.
        }

        return Encoding.Latin1.GetString([.. answer]);
    }
}
