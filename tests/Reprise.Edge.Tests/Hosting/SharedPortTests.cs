using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Hosting;

/// <summary><c>Edge:SharePorts</c>: two processes on one address, if both want it.</summary>
public sealed class SharedPortTests(EdgeWorld world)
{
    [Fact]
    public async Task Start_TwoThatShareAPort_BothServeAndOneServesAloneAfterTheOther()
    {
        var address = $"127.0.0.1:{FreePort.Next()}";
        await using var one = await world.StartEdgeAsync(world.Settings("edge-7").With("Edge:Listen:0", address).With("Edge:SharePorts", true));
        await using var two = await world.StartEdgeAsync(world.Settings("edge-8").With("Edge:Listen:0", address).With("Edge:SharePorts", true));
        Assert.Equal((address, address), (one.Tls, two.Tls));

        // The kernel deals them out by the client's port: forty to one of two are one time in 2^39.
        const int Clients = 40;
        for (var client = 0; client < Clients; client++)
            await AskAsync(one);
        var (first, second) = (0.0, 0.0);
        await Eventually.TrueAsync(async () =>
        {
            first = (await one.MetricsAsync()).Sum("reprise_handshakes_total", ("result", "ok"));
            second = (await two.MetricsAsync()).Sum("reprise_handshakes_total", ("result", "ok"));
            return first + second == Clients;
        }, TimeSpan.FromSeconds(60));
        Assert.True(first > 0 && second > 0, $"{first} and {second}");

        Assert.Equal(0, await one.Process.TerminateAsync(TimeSpan.FromSeconds(60)));
        for (var client = 0; client < 10; client++)
            await AskAsync(two);
        Assert.Empty(one.Errors.Concat(two.Errors));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_OnAPortOfAnotherWithoutSharing_IsRefusedByOneLine(bool other)
    {
        var address = $"127.0.0.1:{FreePort.Next()}";
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-7").With("Edge:Listen:0", address).With("Edge:SharePorts", other));

        var config = world.Write(world.Settings("edge-8").With("Edge:Listen:0", address));
        await using var second = await NodeProcess.RunAsync(
            EdgeWorld.Project, ["--config", config], timeout: TimeSpan.FromSeconds(90), workingDirectory: Path.GetDirectoryName(config));

        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"Cannot listen on {address}: Address already in use", Assert.Single(second.ErrorLines), StringComparison.Ordinal);
        await AskAsync(edge);
    }

    private static async Task AskAsync(EdgeNode edge)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var stream = await SourceClient.ConnectAsync(edge, edge.EndPoint, "127.0.0.1", patience.Token);
        Assert.Contains("200 OK", await SourceClient.GetAsync(stream, "/", patience.Token));
    }
}
