using System.Net;
using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Hosting;

/// <summary>The process itself: ready, asked for its health, stopped while it works.</summary>
public sealed class LifecycleTests(EdgeWorld world)
{
    [Fact]
    public async Task Terminate_WithARequestUnderWay_LetsItFinishAndExitsWithZero()
    {
        await using var upstream = await Upstream.StartAsync();
        var settings = world.Settings("edge-3").With("Profiles:default:Upstream:Http:0", upstream.Address);
        await using var edge = await world.StartEdgeAsync(settings);
        var readyFile = Path.Combine(Path.GetDirectoryName(ConfigOf(edge))!, "edge-3.ready.json");
        Assert.True(File.Exists(readyFile));
        using var browser = edge.Browser();
        using var idle = edge.Browser(http2: true);
        await idle.GetStringAsync(new Uri("https://localhost/")); // stays connected, and must not hold up the stop

        var slow = browser.GetAsync(new Uri("https://localhost/hold"));
        await upstream.Held.WaitAsync(Eventually.DefaultTimeout);
        var stopping = edge.Process.TerminateAsync();
        await Eventually.TrueAsync(() => !File.Exists(readyFile));
        upstream.Release();

        using var answer = await slow;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("/hold", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await stopping);
        Assert.Empty(edge.Errors);
    }

    [Fact]
    public async Task HealthCheck_OfARunningAndAStoppedNode_TellsThemApart()
    {
        var config = world.Write(world.Settings("edge-4"));
        await using var edge = await NodeProcess.StartAsync(
            EdgeWorld.Project, config, Path.Combine(Path.GetDirectoryName(config)!, "edge-4.ready.json"), timeout: TimeSpan.FromSeconds(60));
        await using var healthy = await NodeProcess.RunAsync(EdgeWorld.Project, ["--config", config, "--healthcheck"]);

        Assert.Equal(0, healthy.ExitCode);
        Assert.Equal("edge-4", edge.Ready.GetProperty("name").GetString());
        Assert.Equal(edge.Id, edge.Ready.GetProperty("pid").GetInt32());
        Assert.Equal(0, await edge.TerminateAsync());
        await using var gone = await NodeProcess.RunAsync(EdgeWorld.Project, ["--config", config, "--healthcheck"]);
        Assert.Equal(1, gone.ExitCode);
    }

    [Fact]
    public async Task Start_OnSeveralAddresses_ListensOnAllAndTellsThem()
    {
        var settings = world.Settings("edge-7").With("Edge:Listen", new JsonArray("127.0.0.1:0", "127.0.0.2:0", "0.0.0.0:0"));
        await using var edge = await world.StartEdgeAsync(settings);
        var tls = edge.Process.Ready.GetProperty("tls").EnumerateArray().Select(address => address.GetString()!).ToList();

        Assert.Equal(["127.0.0.1", "127.0.0.2", "0.0.0.0"], tls.Select(address => address.Split(':')[0]));
        Assert.DoesNotContain(edge.Management.Authority, tls);
        foreach (var address in tls)
            Assert.Equal(HandshakeKind.Full, (await new OpenSsl(address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)) { Version = "1.3" }.RunAsync()).Kind);
    }

    [Fact]
    public async Task Start_WithoutAStore_ServesStatelessProfiles()
    {
        var settings = world.Settings("edge-8", redis: "");
        settings["Profiles"]!.AsObject().Remove("stateful");
        settings.With("Profiles:default:Resumption:Stateful", false);
        await using var edge = await world.StartEdgeAsync(settings);

        Assert.Equal(HandshakeKind.Full, (await edge.VisitAsync("1.2", noTicket: true)).Kind);
        Assert.Equal(0, (await edge.MetricsAsync()).Sum("reprise_store_connected"));
        Assert.Empty(edge.Errors);
    }

    [Fact]
    public async Task HandshakeEndpoint_WithoutDiagnostics_IsTheUpstreams()
    {
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-5").With("Edge:Diagnostics", false));
        using var browser = edge.Browser();

        var seen = UpstreamRequest.Parse(await browser.GetStringAsync(new Uri("https://localhost/.well-known/reprise/handshake")));

        Assert.Equal("/.well-known/reprise/handshake", seen.Path);
    }

    [Fact]
    public async Task Upstream_Away_Is502AndTheEdgeGoesOn()
    {
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-6").With("Profiles:default:Upstream:Http:0", $"http://127.0.0.1:{FreePort.Next()}"));
        using var browser = edge.Browser();

        using var away = await browser.GetAsync(new Uri("https://localhost/"));
        using var other = await browser.GetAsync(new Uri($"https://{EdgeSettings.Stateless}/"));

        Assert.Equal((HttpStatusCode.BadGateway, HttpStatusCode.OK), (away.StatusCode, other.StatusCode));
    }

    private static string ConfigOf(EdgeNode edge) =>
        File.ReadAllText($"/proc/{edge.Process.Id}/cmdline").Split('\0').SkipWhile(argument => argument != "--config").ElementAt(1);
}
