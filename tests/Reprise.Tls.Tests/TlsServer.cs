using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>Kestrel on our transport, on a free port, with a few paths to talk to.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    // Byte i of a response is i modulo 70,000.
    private static readonly byte[] s_chunk = [.. Enumerable.Range(0, 70_000).Select(i => (byte)i)];

    private readonly WebApplication _app;

    private readonly HandshakePolicy _policy;
    private readonly Running _running;

    private TlsServer(WebApplication app, HandshakePolicy policy, int port, Running running)
    {
        _running = running;
        _app = app;
        _policy = policy;
        Port = port;
    }

    public TestPolicy Policy => (TestPolicy)_policy;

    public int Port { get; }

    /// <summary>Requests of <c>/bytes</c> that run now.</summary>
    public int Sending => Volatile.Read(ref _running.Bytes);

    /// <summary>Requests of <c>/slow</c> that run now.</summary>
    public int Slow => Volatile.Read(ref _running.Slow);

    public string Address => $"127.0.0.1:{Port}";

    public static TlsProfileOptions Options(TestAuthority authority, Func<TlsProfileOptions, TlsProfileOptions>? change = null, SiteKey key = SiteKey.EcdsaP256)
    {
        using var directory = new TemporaryDirectory();
        var files = TestAuthority.Write(authority.Site(key, "localhost", "a.test", "b.test"), directory.Path, "site");
        var options = new TlsProfileOptions
        {
            Name = "default",
            Certificates = [new TlsCertificate(File.ReadAllBytes(files.Chain), TlsPrivateKey.FromPem(File.ReadAllBytes(files.Key)), "site")],
            SessionIdContext = new byte[32],
            Stateful = true,
            Stateless = true,
            LookupBudget = TimeSpan.FromSeconds(5),
            StoreBudget = TimeSpan.FromSeconds(5),
        };
        return change?.Invoke(options) ?? options;
    }

    public static Task<TlsServer> StartAsync(SharedState shared, TlsProfileOptions options) => StartAsync(shared, null, options);

    public static Task<TlsServer> StartAsync(SharedState shared, Action<TlsTransportOptions>? transport, params TlsProfileOptions[] options) =>
        StartAsync(new TestPolicy(shared, [.. options.Select(o => new TlsProfile(o) { Resumption = new(o.Stateful, o.Stateless, o.Tls13, shared.Keys) })]), transport);

    public static async Task<TlsServer> StartAsync(
        HandshakePolicy policy, Action<TlsTransportOptions>? transport = null, Action<ListenOptions>? listen = null,
        ProxyProtocolMode proxy = ProxyProtocolMode.None)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(policy);
        builder.Services.AddSingleton<IConnectionListenerFactory, TlsTransportFactory>();
        if (transport is not null)
            builder.Services.Configure(transport);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            new TlsEndPoint(new IPEndPoint(IPAddress.Loopback, 0)) { ProxyProtocol = proxy }, listen ?? (_ => { })));
        var app = builder.Build();
        var running = new Running();
        app.Use(async (context, next) =>
        {
            var feature = context.Features.Get<ITlsRequestFeature>()!;
            feature.RequestBegun();
            try
            {
                await next(context);
            }
            finally
            {
                feature.RequestEnded();
            }
        });
        app.MapGet("/ends", (HttpContext context) => Ends(context.Connection));
        app.MapGet("/", (HttpContext context) =>
        {
            var handshake = context.Features.Get<ISessionResumptionFeature>()!.Handshake;
            return $"{context.Request.Protocol} {context.Request.Scheme} {handshake.Mode} {handshake.Declined}";
        });
        app.MapGet("/client", async (HttpContext context) =>
            $"{context.Connection.ClientCertificate?.Subject} {(await context.Connection.GetClientCertificateAsync())?.Thumbprint}");
        app.MapGet("/bytes/{count:int}", async (HttpContext context, int count) =>
        {
            context.Response.ContentLength = count;
            Interlocked.Increment(ref running.Bytes);
            try
            {
                for (var left = count; left > 0; left -= s_chunk.Length)
                    await context.Response.Body.WriteAsync(s_chunk.AsMemory(0, Math.Min(left, s_chunk.Length)), context.RequestAborted);
            }
            finally
            {
                Interlocked.Decrement(ref running.Bytes);
            }
        });
        app.MapPost("/echo", async (HttpContext context) =>
        {
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
            await context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
        app.MapPost("/hash", async (HttpContext context) =>
        {
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
            return Convert.ToHexString(await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted));
        });
        app.MapGet("/slow", async (HttpContext context) =>
        {
            Interlocked.Increment(ref running.Slow);
            await Task.Delay(1000, context.RequestAborted);
            return "slow";
        });
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new TlsServer(app, policy, new Uri(address.Contains("://", StringComparison.Ordinal) ? address : $"https://{address}").Port, running);
    }

    /// <summary>Connected sockets on the port, as the kernel counts them; those in TIME_WAIT belong to nobody.</summary>
    public int Connections => File.ReadLines("/proc/net/tcp").Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Count(fields => fields[1].EndsWith($":{Port:X4}", StringComparison.Ordinal) && fields[3] is not ("0A" or "06"));

    /// <summary>The node's own word on the last handshake it completed.</summary>
    public Handshake Last => Policy.Handshakes.Last();

    public TlsTransportFactory Transport => (TlsTransportFactory)_app.Services.GetRequiredService<IConnectionListenerFactory>();

    public Task StopAsync() => _app.StopAsync();

    private static string Ends(ConnectionInfo connection) =>
        $"{new IPEndPoint(connection.RemoteIpAddress!, connection.RemotePort)} {new IPEndPoint(connection.LocalIpAddress!, connection.LocalPort)}";

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        (_policy as IDisposable)?.Dispose();
    }

    private sealed class Running
    {
        public int Bytes;
        public int Slow;
    }
}
