using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.Identity;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Reprise.Testing;
using Epoch = Reprise.Core.Keys.Epoch;
using KeyRing = Reprise.Core.Keys.KeyRing;

namespace Reprise.KeyProtocol.Tests.Subscriber;

/// <summary>The other end of a subscriber, over real mTLS, that sends what the test says and keeps what it hears.</summary>
internal sealed class ScriptedService : KeyDistribution.KeyDistributionBase, IAsyncDisposable
{
    private readonly WebApplication _app;
    private volatile V1.KeyRing? _greeting;
    private volatile IServerStreamWriter<SubscribeResponse>? _stream;
    private volatile TaskCompletionSource _cut = new();
    private volatile bool _mute;
    private volatile bool _unavailable;

    private ScriptedService(WebApplication app) => _app = app;

    public ConcurrentQueue<SubscribeRequest> Heard { get; } = new();

    public IEnumerable<long> Acknowledged => Heard.Select(message => message.Acknowledge?.Generation).OfType<long>();

    public IEnumerable<Hello> Hellos => Heard.Select(message => message.Hello).OfType<Hello>();

    public string Address { get; private set; } = "";

    /// <summary>Sends this to whoever says hello.</summary>
    public void Greet(KeyRing ring, long knowsFrom) => Greet(KeyRingWire.ToWire(ring, knowsFrom));

    public void Greet(V1.KeyRing ring) => _greeting = ring;

    /// <summary>Takes connections and says nothing.</summary>
    public void Mute() => _mute = true;

    /// <summary>Ends each stream as one does that has no key ring yet.</summary>
    public void HaveNone() => _unavailable = true;

    public Task PushAsync(KeyRing ring, long knowsFrom) => PushAsync(KeyRingWire.ToWire(ring, knowsFrom));

    public Task PushAsync(V1.KeyRing ring) => _stream!.WriteAsync(new SubscribeResponse { KeyRing = ring });

    /// <summary>Ends the present stream.</summary>
    public void Cut() => Interlocked.Exchange(ref _cut, new TaskCompletionSource()).TrySetResult();

    public static async Task<ScriptedService> StartAsync(string authority, PemFiles certificate, string address = "127.0.0.1:0")
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.Services.AddRouting();
        builder.Services.AddGrpc();
        ScriptedService? service = null;
        builder.Services.AddSingleton(_ => service!);
        var credentials = PeerCredentials.Load(authority, certificate.Chain, certificate.Key);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPEndPoint.Parse(address), listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(credentials.ForServer(_ => { })) });
            }));
        var app = builder.Build();
        app.MapGrpcService<ScriptedService>();
        service = new ScriptedService(app);
        await app.StartAsync();
        service.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Authority;
        return service;
    }

    public override async Task Subscribe(IAsyncStreamReader<SubscribeRequest> requestStream, IServerStreamWriter<SubscribeResponse> responseStream, ServerCallContext context)
    {
        if (_unavailable)
            throw new RpcException(new Status(StatusCode.Unavailable, "this key service has no key ring yet"));
        _stream = responseStream;
        var cut = _cut.Task;
        var hearing = Task.Run(async () =>
        {
            while (await requestStream.MoveNext(CancellationToken.None))
            {
                Heard.Enqueue(requestStream.Current.Clone());
                if (requestStream.Current.Hello is not null && !_mute && _greeting is { } greeting)
                    await responseStream.WriteAsync(new SubscribeResponse { KeyRing = greeting });
            }
        });
        await Task.WhenAny(hearing, cut);
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    /// <summary>A ring with one active epoch of this number.</summary>
    public static KeyRing Ring(long generation, DateTimeOffset now, params long[] numbers) => new(generation, numbers.Select((number, index) => new Epoch(
        number,
        index == 0 ? Core.Keys.EpochState.Active : Core.Keys.EpochState.Retired,
        now,
        now,
        index == 0 ? now.AddHours(24) : now,
        index == 0 ? now.AddHours(48) : now.AddHours(24),
        EpochSecret.Create())));
}
