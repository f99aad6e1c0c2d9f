using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Reprise.Edge.Tests.Harness;
using Status = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Reprise.Edge.Tests.Proxy;

/// <summary>gRPC's own client and server with an edge between: the standard health service stands for any.</summary>
public sealed class GrpcTests(EdgeWorld world) : IAsyncLifetime
{
    private readonly HealthOf _service = new();
    private WebApplication _server = null!;
    private EdgeNode _edge = null!;
    private HttpClient _browser = null!;
    private GrpcChannel _channel = null!;

    private Health.HealthClient Client => new(_channel);

    private static DateTime Deadline => DateTime.UtcNow + TimeSpan.FromSeconds(60);

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(_service);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        _server = builder.Build();
        _server.MapGrpcService<HealthOf>();
        await _server.StartAsync();
        _edge = await world.StartEdgeAsync(world.Settings("edge-3")
            .With("Profiles:stateless:Upstream", new JsonObject { ["Cluster"] = "app" })
            .With("ReverseProxy:Clusters:app", new JsonObject
            {
                ["HttpRequest"] = new JsonObject { ["Version"] = "2", ["VersionPolicy"] = "RequestVersionExact" },
                ["Destinations"] = new JsonObject { ["one"] = new JsonObject { ["Address"] = ClusterTests.Address(_server) } },
            }));
        _browser = _edge.Browser(http2: true);
        _channel = GrpcChannel.ForAddress($"https://{EdgeSettings.Stateless}", new GrpcChannelOptions { HttpClient = _browser });
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        _browser.Dispose();
        await _edge.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Call_Unary_HasItsAnswerAndItsTrailers()
    {
        using var call = Client.CheckAsync(new() { Service = "up" }, deadline: Deadline);

        Assert.Equal(Status.Serving, (await call.ResponseAsync).Status);
        Assert.Equal("full", call.GetTrailers().GetValue("session"));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Call_ThatFails_HasTheServersStatusAndDetail()
    {
        var fault = await Assert.ThrowsAsync<RpcException>(async () => await Client.CheckAsync(new() { Service = "nothing" }, deadline: Deadline));

        Assert.Equal((StatusCode.NotFound, "no nothing"), (fault.StatusCode, fault.Status.Detail));
    }

    [Fact]
    public async Task Stream_FromTheServer_ComesMessageByMessageAndEndsForItWhenTheClientGoes()
    {
        using var call = Client.Watch(new() { Service = "up" }, deadline: Deadline);
        foreach (var status in new[] { Status.Serving, Status.NotServing, Status.Serving })
        {
            await _service.Changes.Writer.WriteAsync(status, TestContext.Current.CancellationToken); // the next is not there before this one has come
            Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
            Assert.Equal(status, call.ResponseStream.Current.Status);
        }

        call.Dispose();

        await _service.Left.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Empty(_edge.Errors);
    }

    [Fact]
    public async Task Stream_EndedByTheServer_EndsWithItsTrailers()
    {
        using var call = Client.Watch(new() { Service = "up" }, deadline: Deadline);
        await _service.Changes.Writer.WriteAsync(Status.Serving, TestContext.Current.CancellationToken);
        _service.Changes.Writer.Complete();

        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.False(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(("full", StatusCode.OK), (call.GetTrailers().GetValue("session"), call.GetStatus().StatusCode));
    }

    private sealed class HealthOf : Health.HealthBase
    {
        private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Channel<Status> Changes { get; } = Channel.CreateUnbounded<Status>();

        /// <summary>Completes when a client of <c>Watch</c> has gone.</summary>
        public Task Left => _left.Task;

        public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
        {
            if (request.Service != "up")
                throw new RpcException(new(StatusCode.NotFound, $"no {request.Service}"));
            Tell(context);
            return Task.FromResult(new HealthCheckResponse { Status = Status.Serving });
        }

        public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
        {
            try
            {
                await foreach (var status in Changes.Reader.ReadAllAsync(context.CancellationToken))
                    await responseStream.WriteAsync(new HealthCheckResponse { Status = status });
                Tell(context);
            }
            catch (OperationCanceledException)
            {
                _left.TrySetResult();
            }
        }

        private static void Tell(ServerCallContext context) => context.ResponseTrailers.Add("session", context.RequestHeaders.GetValue("x-reprise-session") ?? "none");
    }
}
