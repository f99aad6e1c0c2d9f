using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Redirect;

/// <summary>Plain HTTP on a port of its own: to HTTPS, for hosts that are served, and to nowhere else.</summary>
public sealed class HttpRedirectTests(EdgeWorld world)
{
    [Fact]
    public async Task Requests_InPlainHttp_AreSentToHttpsOfTheirHost_OrNowhere()
    {
        var settings = world.Settings("edge-5").With("Edge:HttpRedirect", new JsonArray("127.0.0.1:0")).With("Edge:HttpsPort", 8443);
        settings["Profiles"]!.AsObject().Remove("default");
        settings.With("Profiles:db", EdgeSettings.Profile(["db.reprise.test"], stateful: true, stateless: true, "Stateless", ""));
        settings["Profiles"]!["db"]!["Upstream"] = new JsonObject { ["Tcp"] = new JsonObject { ["Addresses"] = new JsonArray("127.0.0.1:1") } };
        await using var edge = await world.StartEdgeAsync(settings);

        await AssertAsync(edge, "GET /a%20b/c?d=e&f=%0d%0a HTTP/1.1\r\nHost: stateless.reprise.test\r\n\r\n", "308", $"https://{EdgeSettings.Stateless}:8443/a%20b/c?d=e&f=%0d%0a");
        await AssertAsync(edge, "POST / HTTP/1.1\r\nHost: Stateful.reprise.test.:8080\r\nContent-Length: 5\r\n\r\nhello", "308", $"https://{EdgeSettings.Stateful}:8443/");
        await AssertAsync(edge, "GET http://stateful.reprise.test/path HTTP/1.1\r\nHost: stateful.reprise.test\r\n\r\n", "308", $"https://{EdgeSettings.Stateful}:8443/path");
        await AssertAsync(edge, "GET //evil.example/ HTTP/1.1\r\nHost: stateful.reprise.test\r\n\r\n", "308", $"https://{EdgeSettings.Stateful}:8443//evil.example/");
        await AssertAsync(edge, "GET / HTTP/1.1\r\nHost: other.reprise.test\r\n\r\n", "421", null);
        await AssertAsync(edge, "GET / HTTP/1.1\r\nHost: db.reprise.test\r\n\r\n", "421", null);
        await AssertAsync(edge, "GET / HTTP/1.1\r\n\r\n", "400", null);
        await AssertAsync(edge, "GET / HTTP/1.0\r\n\r\n", "421", null);
        // What the other plain port serves is not served here, and there is no redirect there.
        await AssertAsync(edge, "GET /metrics HTTP/1.1\r\nHost: stateful.reprise.test\r\n\r\n", "308", $"https://{EdgeSettings.Stateful}:8443/metrics");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await edge.AskAsync("/")).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await edge.AskAsync("/healthz")).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await edge.AskAsync("/readyz")).StatusCode);
    }

    [Theory]
    [InlineData("any.example", "https://any.example/")]
    [InlineData("127.0.0.1:80", "https://127.0.0.1/")]
    [InlineData("[::1]:80", "https://[::1]/")]
    [InlineData("a_b.example", "https://a_b.example/")]
    [InlineData("evil@example", null)]
    [InlineData("evil.example/x", null)]
    [InlineData("*.example", null)]
    [InlineData("-.example", null)]
    [InlineData("..", null)]
    public async Task Requests_WhereADefaultProfileTakesAnyHost_NeedAHostThatIsOne(string host, string? location)
    {
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-5").With("Edge:HttpRedirect", new JsonArray("127.0.0.1:0")));

        var (status, target) = await AskAsync(edge, $"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");

        Assert.Equal(location, target);
        Assert.True(status == (location is null ? "421" : "308") || (location is null && status == "400"), status);
    }

    private static async Task AssertAsync(EdgeNode edge, string request, string status, string? location) =>
        Assert.Equal((status, location), await AskAsync(edge, request));

    private static async Task<(string Status, string? Location)> AskAsync(EdgeNode edge, string request)
    {
        var address = System.Net.IPEndPoint.Parse(edge.Process.Ready.GetProperty("httpRedirect")[0].GetString()!);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(address);
        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(tcp.GetStream(), Encoding.ASCII);
        var answer = await reader.ReadToEndAsync().WaitAsync(Eventually.DefaultTimeout); // the edge closes
        var lines = answer.Split("\r\n");
        return (lines[0].Split(' ')[1], lines.FirstOrDefault(line => line.StartsWith("Location: ", StringComparison.Ordinal))?["Location: ".Length..]);
    }
}
