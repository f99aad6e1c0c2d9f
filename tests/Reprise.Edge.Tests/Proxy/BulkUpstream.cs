using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Reprise.Edge.Tests.Proxy;

/// <summary>
/// Sends large answers (<c>GET /SEED/BYTES</c>) and hashes large requests. What it sends is different for each seed and in each part, so that
/// nothing can be lost, doubled, or another transfer's without being noticed.
/// </summary>
internal sealed class BulkUpstream : IAsyncDisposable
{
    private const int Chunk = 70_000; // no multiple of any buffer's size

    private readonly WebApplication _app;

    private BulkUpstream(WebApplication app) => _app = app;

    public string Address { get; private set; } = "";

    public static async Task<BulkUpstream> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var upstream = new BulkUpstream(builder.Build());
        upstream._app.MapGet("/{seed:int}/{bytes:long}", SendAsync);
        upstream._app.MapPost("/", HashAsync);
        await upstream._app.StartAsync();
        upstream.Address = upstream._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return upstream;
    }

    /// <summary>What belongs to the seed, as it is sent.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Content(int seed, long bytes)
    {
        var chunk = new byte[Chunk];
        new Random(seed).NextBytes(chunk);
        for (long sent = 0; sent < bytes; sent += Chunk)
        {
            BinaryPrimitives.WriteInt64LittleEndian(chunk, sent);
            yield return chunk.AsMemory(0, (int)Math.Min(Chunk, bytes - sent));
        }
    }

    public static string Hash(int seed, long bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var chunk in Content(seed, bytes))
            hash.AppendData(chunk.Span);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task SendAsync(HttpContext context, int seed, long bytes)
    {
        context.Response.ContentLength = bytes;
        foreach (var chunk in Content(seed, bytes))
            await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
    }

    private static async Task HashAsync(HttpContext context)
    {
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        var hash = Convert.ToHexString(await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted));
        await context.Response.WriteAsync(hash);
    }
}
