using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Reprise.Edge.Tests.Harness;
using Reprise.Edge.Tests.Tunnels;
using static Reprise.Edge.Tests.Proxy.ClusterTests;
using static Reprise.Edge.Tests.Reload.LiveEdge;

namespace Reprise.Edge.Tests.Reload;

/// <summary>Another upstream, while clients are connected.</summary>
public sealed class UpstreamReloadTests(EdgeWorld world)
{
    private const string Tunnel = "tunnel.reprise.test";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reload_AnotherHttpUpstream_HasTheNextRequestOfTheSameConnection(bool http2)
    {
        await using var one = await StartServerAsync(_ => { }, context => context.Response.WriteAsync("one"));
        await using var two = await StartServerAsync(_ => { }, context => context.Response.WriteAsync("two"));
        await using var edge = await StartAsync(world, edge => edge.Settings.With("Profiles:stateless:Upstream:Http:0", Address(one)));
        using var browser = edge.Node.Browser(http2);
        var site = new Uri($"https://{Stateless}/");
        Assert.Equal("one", await browser.GetStringAsync(site));

        await edge.ChangeAsync("Profiles:stateless:Upstream:Http:0", Address(two));

        Assert.Equal("two", await browser.GetStringAsync(site));
        await edge.Node.MetricsSayAsync(metrics => metrics.Sum("reprise_handshakes_total") == 1);
        Assert.Empty(edge.Node.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reload_AnotherServerInACluster_HasTheNextRequestOfTheSameConnection(bool http2)
    {
        await using var one = await StartServerAsync(_ => { }, context => context.Response.WriteAsync("one"));
        await using var two = await StartServerAsync(_ => { }, context => context.Response.WriteAsync("two"));
        await using var edge = await StartAsync(world, edge => edge.Settings
            .With("Profiles:stateless:Upstream", new JsonObject { ["Cluster"] = "app" })
            .With("ReverseProxy:Clusters:app:Destinations:server:Address", Address(one)));
        using var browser = edge.Node.Browser(http2);
        var site = new Uri($"https://{Stateless}/");
        Assert.Equal("one", await browser.GetStringAsync(site));

        await edge.ChangeAsync("ReverseProxy:Clusters:app:Destinations:server:Address", Address(two));

        Assert.Equal("two", await browser.GetStringAsync(site));
        await edge.Node.MetricsSayAsync(metrics => metrics.Sum("reprise_handshakes_total") == 1);
        Assert.Empty(edge.Node.Errors);
    }

    // No profile differs from those of the start, and yet it is not what the node was started with.
    [Fact]
    public async Task Reload_ClusterChangedBeforeTheNodeFirstLooked_IsTakenUp()
    {
        await using var one = await StartServerAsync(_ => { }, context => context.Response.WriteAsync("one"));
        await using var two = await StartServerAsync(_ => { }, context => context.Response.WriteAsync("two"));
        await using var edge = await StartAsync(world, edge => edge.Settings
            .With("Edge:ReloadInterval", "00:00:03")
            .With("Profiles:stateless:Upstream", new JsonObject { ["Cluster"] = "app" })
            .With("ReverseProxy:Clusters:app:Destinations:server:Address", Address(one)));

        await edge.ChangeAsync("ReverseProxy:Clusters:app:Destinations:server:Address", Address(two));

        using var browser = edge.Node.Browser();
        Assert.Equal("two", await browser.GetStringAsync(new Uri($"https://{Stateless}/")));
    }

    [Fact]
    public async Task Reload_AnotherTcpUpstream_HasNewConnectionsAndTheOpenOneStaysWhereItIs()
    {
        await using var one = Greeting("one");
        await using var two = Greeting("two");
        await using var edge = await StartAsync(world, edge =>
        {
            var profile = EdgeSettings.Profile([Tunnel], stateful: true, stateless: true, "Stateless", "").With("Certificates:0", Certificate());
            profile["Upstream"] = new JsonObject { ["Tcp"] = new JsonObject { ["Addresses"] = new JsonArray(one.Address) } };
            edge.Settings.With("Profiles:tunnel", profile);
        });
        await using var open = await TunnelClient.ConnectAsync(edge.Node, Tunnel);
        Assert.Equal("one", await open.ReceiveAsync(3));

        await edge.ChangeAsync("Profiles:tunnel:Upstream:Tcp:Addresses:0", two.Address);

        await using var next = await TunnelClient.ConnectAsync(edge.Node, Tunnel);
        Assert.Equal("two", await next.ReceiveAsync(3));
        await open.SendAsync("still here");
        Assert.Equal("still here", await open.ReceiveAsync(10));
        await next.SendAsync("me too");
        Assert.Equal("me too", await next.ReceiveAsync(6));
        Assert.Equal((1, 1), (one.Accepted, two.Accepted));
        await open.Tls.ShutdownAsync();
        Assert.Equal("", await open.ReceiveToEndAsync());
        Assert.Empty(edge.Node.Errors);
    }

    private static TcpUpstream Greeting(string name) => TcpUpstream.Start(async socket =>
    {
        await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(name));
        await TcpUpstream.EchoAsync(socket);
    });
}
