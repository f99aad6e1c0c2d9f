using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Reprise.Edge.Tests.Harness;
using Reprise.Edge.Tests.Tunnels;
using Reprise.Testing;
using static Reprise.Edge.Tests.Proxy.ClusterTests;

namespace Reprise.Edge.Tests.Proxy;

/// <summary>Health checks by YARP's own section: who is asked no more, and what clients are told when nobody is left.</summary>
public sealed class ClusterHealthTests(EdgeWorld world)
{
    private static readonly Uri Site = new($"https://{EdgeSettings.Stateless}/");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Nobody probes it: what becomes of the clients' own requests tells.
    [Fact]
    public async Task Server_ThatFailsRequests_GetsNoMoreOfThemByPassiveChecks()
    {
        await using var broken = TcpUpstream.Start(_ => Task.CompletedTask); // accepts, and closes
        await using var sound = await StartServerAsync(_ => { }, context => context.Response.WriteAsync("sound"));
        await using var edge = await StartAsync(new JsonObject
        {
            ["LoadBalancingPolicy"] = "RoundRobin",
            ["HealthCheck"] = new JsonObject
            {
                ["Passive"] = new JsonObject { ["Enabled"] = true, ["Policy"] = "TransportFailureRate", ["ReactivationPeriod"] = "00:30:00" },
            },
            ["Destinations"] = Destinations($"http://{broken.Address}", Address(sound)),
        });
        using var browser = edge.Browser();
        var failures = 0;
        await Eventually.TrueAsync(async () =>
        {
            for (var i = 0; i < 6; i++)
            {
                using var answer = await browser.GetAsync(Site);
                if (answer.StatusCode is HttpStatusCode.OK)
                    continue;
                Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
                failures++;
                return false;
            }

            return true;
        }, Patience);

        Assert.True(failures > 1, $"{failures} failures"); // it had its share, at first
        var asked = broken.Accepted;
        for (var i = 0; i < 10; i++)
            Assert.Equal("sound", await browser.GetStringAsync(Site));
        Assert.Equal(asked, broken.Accepted);
        Assert.Empty(edge.Errors);
    }

    // YARP's default is to try them all.
    [Theory]
    [InlineData("HealthyAndUnknown", HttpStatusCode.ServiceUnavailable)]
    [InlineData(null, HttpStatusCode.BadGateway)]
    public async Task Servers_NoneHealthy_AreAskedOrNotAsIsSet_UntilOneComesBack(string? policy, HttpStatusCode expected)
    {
        var port = FreePort.Next();
        await using var edge = await StartAsync(new JsonObject
        {
            ["HealthCheck"] = new JsonObject
            {
                ["AvailableDestinationsPolicy"] = policy,
                ["Active"] = new JsonObject { ["Enabled"] = true, ["Interval"] = "00:00:01", ["Timeout"] = "00:00:05", ["Path"] = "/" },
            },
            ["Destinations"] = Destinations($"http://127.0.0.1:{port}", $"http://127.0.0.1:{FreePort.Next()}"),
        });
        using var browser = edge.Browser();

        await Eventually.TrueAsync(async () => await AskAsync(browser) == expected, Patience);
        Assert.Equal(expected, await AskAsync(browser));
        await using var back = await StartServerAsync(_ => { }, context => context.Response.WriteAsync("back"), port);
        await Eventually.TrueAsync(async () => await AskAsync(browser) is HttpStatusCode.OK, Patience);
        Assert.Empty(edge.Errors);
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient browser)
    {
        using var answer = await browser.GetAsync(Site);
        return answer.StatusCode;
    }

    private static JsonObject Destinations(string one, string two) => new()
    {
        ["one"] = new JsonObject { ["Address"] = one },
        ["two"] = new JsonObject { ["Address"] = two },
    };

    private Task<EdgeNode> StartAsync(JsonObject cluster) => world.StartEdgeAsync(world.Settings("edge-4")
        .With("Profiles:stateless:Upstream", new JsonObject { ["Cluster"] = "app" }).With("ReverseProxy:Clusters:app", cluster));
}
