using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Reprise.Edge.Tests.Scopes;

/// <summary>The upstreams of several profiles, one port each, that remember which request came to whom and in whose name.</summary>
internal sealed class Witness : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Sighting>> _seen = new();
    private readonly Dictionary<int, string> _profiles = [];

    private Witness(WebApplication app) => _app = app;

    public static async Task<Witness> StartAsync(IReadOnlyList<string> profiles)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            foreach (var _ in profiles)
                kestrel.Listen(IPAddress.Loopback, 0);
        });
        var witness = new Witness(builder.Build());
        witness._app.Run(witness.AnswerAsync);
        await witness._app.StartAsync();
        var addresses = witness._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        for (var i = 0; i < profiles.Count; i++)
            witness._profiles.Add(new Uri(addresses[i]).Port, profiles[i]);
        return witness;
    }

    /// <summary><c>http://127.0.0.1:port</c>.</summary>
    public string AddressOf(string profile) => $"http://127.0.0.1:{_profiles.Single(each => each.Value == profile).Key}";

    /// <summary>All requests for a path, whichever upstream they came to.</summary>
    public IReadOnlyCollection<Sighting> Of(string path) => _seen.TryGetValue(path, out var seen) ? seen : [];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var sighting = new Sighting(_profiles[context.Connection.LocalPort], headers["Client-Cert"], headers["X-Reprise-Session"]);
        _seen.GetOrAdd(context.Request.Path, _ => []).Enqueue(sighting);
        var body = JsonSerializer.SerializeToUtf8Bytes(sighting);
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, 0, body.Length);
    }
}

/// <param name="Profile">Whose upstream it came to.</param>
/// <param name="Client">Its <c>Client-Cert</c>, if any.</param>
/// <param name="Session">Its <c>X-Reprise-Session</c>.</param>
internal sealed record Sighting(string Profile, string? Client, string? Session);
