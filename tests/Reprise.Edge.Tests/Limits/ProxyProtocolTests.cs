using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Reprise.Edge.Tests.Harness;

namespace Reprise.Edge.Tests.Limits;

/// <summary>Behind HAProxy: the client's address is that before the load balancer, for the upstream and for limits alike.</summary>
public sealed partial class ProxyProtocolTests(EdgeWorld world)
{
    [Theory]
    [InlineData("send-proxy")]
    [InlineData("send-proxy-v2")]
    [InlineData("send-proxy-v2 proxy-v2-options crc32c,unique-id")]
    public async Task Request_BehindHaProxy_ComesFromTheClient(string how)
    {
        await using var edge = await world.StartEdgeAsync(Settings("edge-1", "Required"));
        await using var haproxy = await HaProxy.StartAsync(Balanced(edge), how);

        await using var stream = await SourceClient.ConnectAsync(edge, haproxy.EndPoint, "127.0.0.5");
        var answer = await SourceClient.GetAsync(stream, "/");

        Assert.Equal("127.0.0.5", ForwardedFor().Match(answer).Groups[1].Value);
    }

    [Fact]
    public async Task Connect_ToARequiredListenerFromElsewhere_IsResetCountedAndSaidOnce()
    {
        await using var edge = await world.StartEdgeAsync(Settings("edge-2", "Required"));

        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAnyAsync<Exception>(() => SourceClient.ConnectAsync(edge, IPEndPoint.Parse(Balanced(edge)), "127.0.0.6"));
        await Assert.ThrowsAnyAsync<Exception>(() => SourceClient.ConnectAsync(edge, IPEndPoint.Parse(Balanced(edge)), "127.0.0.1")); // trusted, and says nothing

        await edge.MetricsSayAsync(metrics => metrics.Sum("reprise_connections_refused_total", ("reason", "untrusted_proxy")) == 3 &&
            metrics.Sum("reprise_connections_refused_total", ("reason", "proxy_header")) == 1 && metrics.Sum("reprise_connections") == 0);
        Assert.Single(edge.Process.Lines, line => line.Contains("refused (untrusted_proxy)", StringComparison.Ordinal));
        Assert.Contains("200 OK", await SourceClient.GetAsync(await SourceClient.ConnectAsync(edge, edge.EndPoint, "127.0.0.6"), "/")); // the plain listener
    }

    [Fact]
    public async Task Limit_OfConnectionsPerAddress_IsOfTheClientsBehindTheProxy()
    {
        await using var edge = await world.StartEdgeAsync(Settings("edge-3", "Required").With("Edge:Limits:ConnectionsPerAddress", 2));
        await using var haproxy = await HaProxy.StartAsync(Balanced(edge), "send-proxy-v2");
        await using var one = await SourceClient.ConnectAsync(edge, haproxy.EndPoint, "127.0.0.5");
        await using var two = await SourceClient.ConnectAsync(edge, haproxy.EndPoint, "127.0.0.5");

        await Assert.ThrowsAnyAsync<Exception>(() => SourceClient.ConnectAsync(edge, haproxy.EndPoint, "127.0.0.5"));
        await using var other = await SourceClient.ConnectAsync(edge, haproxy.EndPoint, "127.0.0.6");

        await edge.MetricsSayAsync(metrics => metrics.Sum("reprise_connections_refused_total", ("reason", "address_connections")) == 1 && metrics.Sum("reprise_connections") == 3);
        await one.DisposeAsync();
        await edge.MetricsSayAsync(metrics => metrics.Sum("reprise_connections") == 2);
        Assert.Contains("200 OK", await SourceClient.GetAsync(await SourceClient.ConnectAsync(edge, haproxy.EndPoint, "127.0.0.5"), "/"));
        Assert.Empty(edge.Errors);
    }

    private JsonObject Settings(string node, string mode) => world.Settings(node)
        .With("Edge:Listeners:balanced:Address", "127.0.0.1:0")
        .With("Edge:Listeners:balanced:ProxyProtocol", mode)
        .With("Edge:ProxyProtocol:Trusted", new JsonArray("127.0.0.1"));

    private static string Balanced(EdgeNode edge) => edge.Process.Ready.GetProperty("listeners").GetProperty("balanced").GetString()!;

    [GeneratedRegex("\"X-Forwarded-For\":\"([^\"]*)\"", RegexOptions.IgnoreCase)]
    private static partial Regex ForwardedFor();
}
