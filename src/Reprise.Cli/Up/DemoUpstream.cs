using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Reprise.Cli.Up;

/// <summary>What the edges proxy to: a small HTTP application that answers with the request as it arrived.</summary>
internal sealed class DemoUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DemoUpstream(WebApplication app, IPEndPoint address)
    {
        _app = app;
        Address = address.ToString();
    }

    public string Address { get; }

    public static Task<DemoUpstream> StartAsync(int port, CancellationToken cancellationToken) =>
        StartAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);

    public static async Task<DemoUpstream> StartAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        // Empty: no appsettings.json of the folder we happen to be started in, no logging, no other listener.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(address));
        var app = builder.Build();
        app.Run(Answer);
        await app.StartAsync(cancellationToken);
        return new(app, address);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static Task Answer(HttpContext context)
    {
        var request = context.Request;
        return context.Response.WriteAsJsonAsync(new
        {
            method = request.Method,
            path = request.Path.Value,
            query = request.QueryString.Value,
            protocol = request.Protocol,
            headers = request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()),
        });
    }
}
