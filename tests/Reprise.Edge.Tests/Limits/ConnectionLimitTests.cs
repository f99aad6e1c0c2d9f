using System.Net.Security;
using Reprise.Edge.Tests.Harness;

namespace Reprise.Edge.Tests.Limits;

/// <summary>Limits of a node: who has to wait, who is refused, and what the log and the metrics say of it.</summary>
public sealed class ConnectionLimitTests(EdgeWorld world)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Limit_OfConnections_HasTheNextOneWaitUntilAnotherEnds()
    {
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-7").With("Edge:Limits:Connections", 2));
        await using var one = await SourceClient.ConnectAsync(edge, edge.EndPoint, "127.0.0.5");
        await using var two = await SourceClient.ConnectAsync(edge, edge.EndPoint, "127.0.0.6");
        var waiting = SourceClient.ConnectAsync(edge, edge.EndPoint, "127.0.0.7"); // the kernel connects it; nobody shakes hands
        await edge.Process.WaitForLineAsync("2 connections, which is the limit: connects wait until others end", Patience);
        await edge.MetricsSayAsync(metrics => metrics.Sum("reprise_connections") == 2 && metrics.Sum("reprise_handshakes_total") == 2);
        Assert.False(waiting.IsCompleted);
        Assert.Contains("200 OK", await SourceClient.GetAsync(one, "/")); // who is in is served; and this was its last request

        await one.DisposeAsync();
        await using var served = await waiting.WaitAsync(Patience);

        Assert.Contains("200 OK", await SourceClient.GetAsync(served, "/"));
        await two.DisposeAsync();
        await served.DisposeAsync();
        await edge.Process.WaitForLineAsync("Below the limit of 2 connections by a tenth again", Patience);
        await edge.MetricsSayAsync(metrics => metrics.Sum("reprise_connections") == 0 && metrics.Sum("reprise_connections_refused_total") == 0);
        Assert.Empty(edge.Errors);
    }

    [Fact]
    public async Task Limit_OfHandshakesPerSecondAndAddress_RefusesTheRestAndNobodyElse()
    {
        const int Many = 20;
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-8").With("Edge:Limits:HandshakesPerSecondPerAddress", 2));

        var connects = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => TryAsync(edge, "127.0.0.5")));
        await using var other = await SourceClient.ConnectAsync(edge, edge.EndPoint, "127.0.0.6");

        var refused = connects.Count(connect => connect is null);
        Assert.InRange(refused, 1, Many - 2); // two at least are served; on a slow machine some of the next seconds', too
        await edge.MetricsSayAsync(metrics => metrics.Sum("reprise_connections_refused_total", ("reason", "address_rate")) == refused &&
            metrics.Sum("reprise_connections_refused_total") == refused);
        Assert.Single(edge.Process.Lines, line => line.Contains("Connections are refused (address_rate)", StringComparison.Ordinal));
        Assert.Contains("200 OK", await SourceClient.GetAsync(other, "/"));
        await Testing.Eventually.TrueAsync(async () => // its second has passed
        {
            await using var again = await TryAsync(edge, "127.0.0.5");
            return again is not null;
        }, Patience);
        Assert.Empty(edge.Errors);
        foreach (var connect in connects)
            await (connect?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private static async Task<SslStream?> TryAsync(EdgeNode edge, string from)
    {
        try
        {
            return await SourceClient.ConnectAsync(edge, edge.EndPoint, from);
        }
        catch (Exception refused) when (refused is IOException or System.Net.Sockets.SocketException or System.Security.Authentication.AuthenticationException)
        {
            return null;
        }
    }
}
