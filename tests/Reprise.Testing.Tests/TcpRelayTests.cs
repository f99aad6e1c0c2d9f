using System.Diagnostics;
using System.Net.Sockets;

namespace Reprise.Testing.Tests;

public sealed class TcpRelayTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Forward_Always_KeepsEveryByteAndTheOrderlyEnd()
    {
        using var echo = new EchoServer();
        await using var relay = TcpRelay.Start(echo.Port);
        var sent = new byte[3_000_000];
        Random.Shared.NextBytes(sent);

        using var client = await ConnectAsync(relay);
        var received = new MemoryStream();
        var reading = client.GetStream().CopyToAsync(received, Cancellation);
        await client.GetStream().WriteAsync(sent, Cancellation);
        client.Client.Shutdown(SocketShutdown.Send);
        await reading.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        Assert.Equal(sent, received.ToArray());
        Assert.Equal(sent.Length, relay.BytesToTarget);
        Assert.Equal(sent.Length, relay.BytesToClient);
    }

    [Fact]
    public async Task Delay_BothWays_IsAddedOnceEachWay()
    {
        using var echo = new EchoServer();
        await using var relay = TcpRelay.Start(echo.Port);
        relay.DelayToTarget = TimeSpan.FromMilliseconds(80);
        relay.DelayToClient = TimeSpan.FromMilliseconds(40);

        using var client = await ConnectAsync(relay);
        var watch = Stopwatch.StartNew();
        await EchoAsync(client);

        Assert.InRange(watch.ElapsedMilliseconds, 115, 2000);
    }

    [Fact]
    public async Task Stalled_UntilItIsNot_PassesNothing()
    {
        using var echo = new EchoServer();
        await using var relay = TcpRelay.Start(echo.Port);
        using var client = await ConnectAsync(relay);
        await EchoAsync(client);

        relay.Stalled = true;
        var echoed = EchoAsync(client);
        Assert.NotSame(echoed, await Task.WhenAny(echoed, Task.Delay(200, Cancellation)));
        relay.Stalled = false;

        await echoed;
    }

    [Fact]
    public async Task Refuse_ThenAccept_ClosesAndOpensThePort()
    {
        using var echo = new EchoServer();
        await using var relay = TcpRelay.Start(echo.Port);

        relay.Refuse();
        var refused = await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(relay));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        relay.Accept();

        using var client = await ConnectAsync(relay);
        await EchoAsync(client);
    }

    [Fact]
    public async Task CutAll_OnAConnection_ResetsIt()
    {
        using var echo = new EchoServer();
        await using var relay = TcpRelay.Start(echo.Port);
        using var client = await ConnectAsync(relay);
        await EchoAsync(client);

        relay.CutAll();

        await Assert.ThrowsAnyAsync<IOException>(() => EchoAsync(client));
        await Eventually.TrueAsync(() => relay.Open == 0, cancellationToken: Cancellation);
    }

    [Fact]
    public async Task CutAfter_ABytePosition_DeliversUpToItAndEnds()
    {
        using var echo = new EchoServer();
        await using var relay = TcpRelay.Start(echo.Port);
        relay.CutAfter(RelayDirection.ToClient, 3);
        using var client = await ConnectAsync(relay);

        await client.GetStream().WriteAsync("hello"u8.ToArray(), Cancellation);
        var buffer = new byte[16];
        var count = await client.GetStream().ReadAtLeastAsync(buffer, 3, cancellationToken: Cancellation);

        Assert.Equal(3, count);
        await Eventually.TrueAsync(() => relay.BytesToClient == 3, cancellationToken: Cancellation); // counted after it was sent
    }

    [Fact]
    public async Task ChunkToTarget_OfOne_StillDeliversEverything()
    {
        using var echo = new EchoServer();
        await using var relay = TcpRelay.Start(echo.Port);
        relay.ChunkToTarget = 1;

        using var client = await ConnectAsync(relay);
        await EchoAsync(client);
    }

    [Fact]
    public async Task AnswersStalled_UntilHealed_PassesOnOnlyWhatIsSent()
    {
        using var echo = new EchoServer();
        await using var relay = TcpRelay.Start(echo.Port);
        using var client = await ConnectAsync(relay);
        relay.AnswersStalled = true;

        var echoed = EchoAsync(client);
        await Eventually.TrueAsync(() => relay.BytesToTarget > 0, cancellationToken: Cancellation);
        Assert.Equal(0, relay.BytesToClient);
        Assert.False(echoed.IsCompleted);
        relay.Heal();

        await echoed;
    }

    [Fact]
    public async Task CutAnswersOver_ALongAnswer_IsCutInTheMiddle()
    {
        using var echo = new EchoServer();
        await using var relay = TcpRelay.Start(echo.Port);
        using var client = await ConnectAsync(relay);
        await EchoAsync(client);
        var before = relay.BytesToClient;
        relay.CutAnswersOver = 3;

        await Assert.ThrowsAnyAsync<IOException>(() => EchoAsync(client)); // an end in the middle is an IOException too

        Assert.Equal(before + 3, relay.BytesToClient);
        relay.Heal();
        using var next = await ConnectAsync(relay);
        await EchoAsync(next);
    }

    private static async Task<TcpClient> ConnectAsync(TcpRelay relay)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", relay.Port, Cancellation);
        return client;
    }

    private static async Task EchoAsync(TcpClient client)
    {
        var bytes = "hello, relay"u8.ToArray();
        await client.GetStream().WriteAsync(bytes, Cancellation);
        var back = new byte[bytes.Length];
        await client.GetStream().ReadExactlyAsync(back, Cancellation);
        Assert.Equal(bytes, back);
    }
}
