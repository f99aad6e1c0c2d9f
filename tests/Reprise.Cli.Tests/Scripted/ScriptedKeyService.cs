using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Reprise.KeyProtocol.Identity;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Tests.Scripted;

/// <summary>The other end of the commands, over real mTLS: answers what the test says, and keeps what it was asked.</summary>
internal sealed class ScriptedKeyService : KeyAdmin.KeyAdminBase, IAsyncDisposable
{
    private readonly ConcurrentDictionary<Type, Func<IMessage, object>> _answers = new();
    private WebApplication? _app;

    public ConcurrentQueue<IMessage> Asked { get; } = new();

    public string Address { get; private set; } = "";

    public static RpcException Unavailable { get; } = new(new Status(StatusCode.Unavailable, "no key service leads at the moment"));

    /// <summary>What a request is answered with: a response, or the steps of a stream; throws to answer with a status.</summary>
    public void Answer<TRequest>(Func<TRequest, object> answer)
        where TRequest : IMessage => _answers[typeof(TRequest)] = request => answer((TRequest)request);

    public static async Task<ScriptedKeyService> StartAsync(string authority, string certificate, string key)
    {
        var service = new ScriptedKeyService();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.Services.AddRouting();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(service);
        var credentials = PeerCredentials.Load(authority, certificate, key);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(credentials.ForServer(_ => { })) });
            }));
        service._app = builder.Build();
        service._app.MapGrpcService<ScriptedKeyService>();
        await service._app.StartAsync();
        service.Address = new Uri(service._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Authority;
        return service;
    }

    public override Task Rotate(RotateRequest request, IServerStreamWriter<RotateResponse> responseStream, ServerCallContext context) => TellAsync(request, responseStream);

    public override Task Revoke(RevokeRequest request, IServerStreamWriter<RevokeResponse> responseStream, ServerCallContext context) => TellAsync(request, responseStream);

    public override Task RemoveNode(RemoveNodeRequest request, IServerStreamWriter<RemoveNodeResponse> responseStream, ServerCallContext context) => TellAsync(request, responseStream);

    public override Task Audit(AuditRequest request, IServerStreamWriter<AuditEntry> responseStream, ServerCallContext context) => TellAsync(request, responseStream);

    public override Task<ListResponse> List(ListRequest request, ServerCallContext context) => Say<ListResponse>(request);

    public override Task<ExplainResponse> Explain(ExplainRequest request, ServerCallContext context) => Say<ExplainResponse>(request);

    public override Task<NodesResponse> Nodes(NodesRequest request, ServerCallContext context) => Say<NodesResponse>(request);

    public override Task<SetResumptionResponse> SetResumption(SetResumptionRequest request, ServerCallContext context) => Say<SetResumptionResponse>(request);

    public override Task<PurgeSessionsResponse> PurgeSessions(PurgeSessionsRequest request, ServerCallContext context) => Say<PurgeSessionsResponse>(request);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app!.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private Task<T> Say<T>(IMessage request) => Task.FromResult((T)Ask(request));

    private async Task TellAsync<T>(IMessage request, IServerStreamWriter<T> stream)
    {
        foreach (var step in (IEnumerable<T>)Ask(request))
            await stream.WriteAsync(step);
    }

    private object Ask(IMessage request)
    {
        Asked.Enqueue(request);
        return _answers.TryGetValue(request.GetType(), out var answer) ? answer(request) : throw new RpcException(new Status(StatusCode.Unimplemented, "not scripted"));
    }
}
