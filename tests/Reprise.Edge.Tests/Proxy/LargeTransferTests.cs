using System.Net;
using System.Security.Cryptography;
using Reprise.Edge.Tests.Harness;

namespace Reprise.Edge.Tests.Proxy;

/// <summary>
/// What is large arrives as it was sent: over one connection and over fifty at once, in both directions and both versions of HTTP, through a node
/// and its proxy. <c>tests/bench/throughput</c> does the same with curl, and measures.
/// </summary>
public sealed class LargeTransferTests(EdgeWorld world)
{
    private const string Host = EdgeSettings.Stateless;

    [Theory]
    [InlineData(1, 48_000_001, false)]
    [InlineData(1, 48_000_001, true)]
    [InlineData(50, 1_000_003, false)]
    [InlineData(50, 1_000_003, true)]
    public async Task Download_Large_ArrivesIntact(int connections, long bytes, bool http2)
    {
        await using var upstream = await BulkUpstream.StartAsync();
        await using var edge = await StartAsync(upstream);

        var hashes = await Task.WhenAll(Enumerable.Range(0, connections).Select(async seed =>
        {
            using var browser = Patient(edge, http2);
            using var answer = await browser.GetAsync(new Uri($"https://{Host}/{seed}/{bytes}"), HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(bytes, answer.EnsureSuccessStatusCode().Content.Headers.ContentLength);
            return Convert.ToHexString(await SHA256.HashDataAsync(await answer.Content.ReadAsStreamAsync()));
        }));

        Assert.Equal(Enumerable.Range(0, connections).Select(seed => BulkUpstream.Hash(seed, bytes)), hashes);
        Assert.Empty(edge.Errors);
    }

    [Theory]
    [InlineData(1, 48_000_001, false)]
    [InlineData(1, 48_000_001, true)]
    [InlineData(50, 1_000_003, false)]
    [InlineData(50, 1_000_003, true)]
    public async Task Upload_Large_ArrivesIntact(int connections, long bytes, bool http2)
    {
        await using var upstream = await BulkUpstream.StartAsync();
        await using var edge = await StartAsync(upstream);

        var hashes = await Task.WhenAll(Enumerable.Range(0, connections).Select(async seed =>
        {
            using var browser = Patient(edge, http2);
            using var content = new SeedContent(seed, bytes);
            using var answer = await browser.PostAsync(new Uri($"https://{Host}/"), content);
            return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        }));

        Assert.Equal(Enumerable.Range(0, connections).Select(seed => BulkUpstream.Hash(seed, bytes)), hashes);
        Assert.Empty(edge.Errors);
    }

    private Task<EdgeNode> StartAsync(BulkUpstream upstream)
    {
        var settings = world.Settings();
        settings["Profiles"]!["stateless"]!["Upstream"]!["Http"]![0] = upstream.Address;
        return world.StartEdgeAsync(settings);
    }

    /// <summary>One connection.</summary>
    private static HttpClient Patient(EdgeNode edge, bool http2)
    {
        var browser = edge.Browser(http2);
        browser.Timeout = TimeSpan.FromMinutes(3);
        return browser;
    }

    private sealed class SeedContent(int seed, long bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var chunk in BulkUpstream.Content(seed, bytes))
                await stream.WriteAsync(chunk);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes;
            return true;
        }
    }
}
