using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Proxy;

/// <summary>YARP's own section: HTTP/2 to servers, what gRPC needs, private authorities, servers that are down.</summary>
public sealed class ClusterTests(EdgeWorld world)
{
    private static readonly Uri Site = new($"https://{EdgeSettings.Stateless}/");

    // As gRPC does it: HTTP/2 all the way, messages both ways at once, and the outcome in a trailer.
    [Fact]
    public async Task Stream_OverHttp2WithPriorKnowledge_GoesBothWaysAtOnceAndEndsWithTrailers()
    {
        await using var server = await StartServerAsync(listen => listen.Protocols = HttpProtocols.Http2, async context =>
        {
            Assert.Equal("HTTP/2", context.Request.Protocol);
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.FlushAsync(); // the headers
            var buffer = new byte[4096];
            while (await context.Request.Body.ReadAsync(buffer) is > 0 and var read)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read));
                await context.Response.Body.FlushAsync();
            }

            context.Response.AppendTrailer("grpc-status", "0");
        });
        await using var edge = await StartAsync(new JsonObject
        {
            ["HttpRequest"] = new JsonObject { ["Version"] = "2", ["VersionPolicy"] = "RequestVersionExact" },
            ["Destinations"] = new JsonObject { ["one"] = new JsonObject { ["Address"] = Address(server) } },
        });
        using var browser = edge.Browser(http2: true);
        var content = new Duplex();
        using var request = new HttpRequestMessage(HttpMethod.Post, Site) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
        request.Headers.TE.Add(new("trailers"));
        content.Headers.ContentType = new("application/grpc"); // tells YARP and Kestrel not to wait for more, and not to call it slow
        using var answer = await browser.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Eventually.DefaultTimeout);
        Assert.True(answer.StatusCode is HttpStatusCode.OK, $"{answer} {string.Join('\n', edge.Process.Lines)}");
        await using var body = await answer.Content.ReadAsStreamAsync();
        for (byte i = 0; i < 5; i++)
        {
            var message = new byte[100];
            Array.Fill(message, i);
            await content.SendAsync(message);
            var echo = new byte[100];
            await body.ReadExactlyAsync(echo).AsTask().WaitAsync(Eventually.DefaultTimeout); // before the request has ended
            Assert.Equal(message, echo);
        }

        content.Complete();
        Assert.Equal(0, await body.ReadAsync(new byte[1]));
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bodies_Large_ArriveIntactBothWays(bool http2)
    {
        // First all of it, then the answer: HttpClient sends to the end before it reads.
        await using var server = await StartServerAsync(_ => { }, async context =>
        {
            using var all = new MemoryStream();
            await context.Request.Body.CopyToAsync(all, context.RequestAborted);
            await context.Response.Body.WriteAsync(all.ToArray(), context.RequestAborted);
        });
        await using var edge = await StartAsync(new JsonObject { ["Destinations"] = new JsonObject { ["one"] = new JsonObject { ["Address"] = Address(server) } } });
        using var browser = edge.Browser(http2);
        var data = new byte[20_000_000];
        Random.Shared.NextBytes(data);

        using var answer = await browser.PostAsync(Site, new ByteArrayContent(data));

        Assert.Equal(SHA256.HashData(data), SHA256.HashData(await answer.Content.ReadAsByteArrayAsync()));
    }

    [Theory]
    [InlineData("pki/ca.crt", HttpStatusCode.OK)]
    [InlineData(null, HttpStatusCode.BadGateway)] // the system's authorities know nothing of it
    public async Task Server_ByHttps_IsBelievedIfItsAuthorityIsNamed(string? authorities, HttpStatusCode expected)
    {
        using var certificate = world.Authority.Site(SiteKey.EcdsaP256, "localhost");
        await using var server = await StartServerAsync(listen => listen.UseHttps(certificate), context => context.Response.WriteAsync("in private"));
        var settings = world.Settings("edge-3").With("Profiles:stateless:Upstream:Http:0", Address(server).Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        if (authorities is not null)
            settings.With("Profiles:stateless:Upstream:Authorities", authorities);
        await using var edge = await world.StartEdgeAsync(settings);
        using var browser = edge.Browser();
        // It names the server's address, and not the host that the client has asked for.
        using var answer = await browser.GetAsync(Site);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task Server_ThatIsDown_Is502_AndOneThatIsUpIsFound()
    {
        await using var up = await StartServerAsync(_ => { }, context => context.Response.WriteAsync("up"));
        var down = $"http://127.0.0.1:{FreePort.Next()}";
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-3")
            .With("Profiles:stateless:Upstream", new JsonObject { ["Cluster"] = "app" })
            .With("Profiles:stateful:Upstream:Http:0", down)
            .With("ReverseProxy:Clusters:app", new JsonObject
            {
                ["LoadBalancingPolicy"] = "RoundRobin",
                ["HealthCheck"] = new JsonObject { ["Active"] = new JsonObject { ["Enabled"] = true, ["Interval"] = "00:00:01", ["Timeout"] = "00:00:01", ["Path"] = "/" } },
                ["Destinations"] = new JsonObject { ["down"] = new JsonObject { ["Address"] = down }, ["up"] = new JsonObject { ["Address"] = Address(up) } },
            }));
        using var browser = edge.Browser();

        Assert.Equal(HttpStatusCode.BadGateway, (await browser.GetAsync(new Uri($"https://{EdgeSettings.Stateful}/"))).StatusCode);
        // Once it has been found out, nobody is sent to the one that is down.
        await Eventually.TrueAsync(async () =>
        {
            for (var i = 0; i < 6; i++)
            {
                if ((await browser.GetAsync(Site)).StatusCode is not HttpStatusCode.OK)
                    return false;
            }

            return true;
        }, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Server_ThatDoesNotAnswer_Is504()
    {
        var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var edge = await StartAsync(new JsonObject
        {
            ["HttpRequest"] = new JsonObject { ["ActivityTimeout"] = "00:00:01" },
            ["Destinations"] = new JsonObject { ["one"] = new JsonObject { ["Address"] = $"http://{silent.LocalEndpoint}" } },
        });
        using var browser = edge.Browser();

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await browser.GetAsync(Site)).StatusCode);
        Assert.Empty(edge.Errors);
        silent.Stop();
    }

    [Fact]
    public async Task Client_WithAnAffinityCookie_ComesToTheSameServerThroughEveryNode()
    {
        await using var one = await StartServerAsync(_ => { }, context => context.Response.WriteAsync("one"));
        await using var two = await StartServerAsync(_ => { }, context => context.Response.WriteAsync("two"));
        JsonObject Cluster() => new()
        {
            ["LoadBalancingPolicy"] = "RoundRobin",
            ["SessionAffinity"] = new JsonObject { ["Enabled"] = true, ["AffinityKeyName"] = "app", ["Policy"] = "HashCookie" },
            ["Destinations"] = new JsonObject { ["one"] = new JsonObject { ["Address"] = Address(one) }, ["two"] = new JsonObject { ["Address"] = Address(two) } },
        };
        await using var first = await StartAsync(Cluster());
        await using var second = await StartAsync(Cluster(), "edge-4");
        using var browser = first.Browser();
        using var other = second.Browser();
        using var answer = await browser.GetAsync(Site);
        var server = await answer.Content.ReadAsStringAsync();
        var cookie = answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];

        for (var i = 0; i < 5; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Site);
            request.Headers.Add("Cookie", cookie);
            Assert.Equal(server, await (await other.SendAsync(request)).Content.ReadAsStringAsync());
        }
    }

    private Task<EdgeNode> StartAsync(JsonObject cluster, string node = "edge-3") => world.StartEdgeAsync(world.Settings(node)
        .With("Profiles:stateless:Upstream", new JsonObject { ["Cluster"] = "app" }).With("ReverseProxy:Clusters:app", cluster));

    internal static string Address(WebApplication server) =>
        server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    internal static async Task<WebApplication> StartServerAsync(Action<ListenOptions> listen, RequestDelegate handle, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, port, listen);
        });
        var app = builder.Build();
        app.Run(handle);
        await app.StartAsync();
        return app;
    }

    /// <summary>A request's body that is written piece by piece while the answer is read.</summary>
    private sealed class Duplex : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task SendAsync(byte[] message)
        {
            var stream = await _stream.Task;
            await stream.WriteAsync(message);
            await stream.FlushAsync();
        }

        public void Complete() => _done.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            _stream.SetResult(stream);
            await _done.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }
}
