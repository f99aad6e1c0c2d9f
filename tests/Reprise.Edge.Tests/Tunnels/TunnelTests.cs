using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Tunnels;

/// <summary>A profile with a TCP upstream: any protocol, both ways, and how its connections end.</summary>
public sealed class TunnelTests(EdgeWorld world)
{
    private const string Host = "tunnel.reprise.test";

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Lines_ByOpenSsl_AreEchoedByAServerThatKnowsNothingOfTls(string version)
    {
        await using var upstream = TcpUpstream.Start(async socket =>
        {
            var lines = new byte[8];
            for (var read = 0; read < lines.Length;)
                read += await socket.ReceiveAsync(lines.AsMemory(read));
            await socket.SendAsync(lines);
        });
        await using var edge = await StartAsync(upstream.Address);
        var client = await new OpenSsl(edge.Tls)
        {
            Version = version,
            ServerName = Host,
            Arguments = ["-quiet", "-ign_eof"],
            Request = "one\ntwo\n",
        }.RunAsync();

        Assert.Contains("one\ntwo\n", client.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Server_ThatSpeaksFirst_IsHeardBeforeTheClientHasSaidAnything(SslProtocols version)
    {
        await using var upstream = TcpUpstream.Start(async socket =>
        {
            await socket.SendAsync("220 ready\r\n"u8.ToArray());
            await TcpUpstream.EchoAsync(socket);
        });
        await using var edge = await StartAsync(upstream.Address);
        await using var client = await TunnelClient.ConnectAsync(edge, Host, version);

        Assert.Equal("220 ready\r\n", await client.ReceiveAsync(11));
        await client.SendAsync("QUIT");
        await client.Tls.ShutdownAsync();
        Assert.Equal("QUIT", await client.ReceiveToEndAsync());
        await edge.MetricsSayAsync(metrics => metrics.Sum("reprise_tcp_connections", ("profile", "tunnel")) == 0);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Bytes_ManyBothWaysAtOnce_ArriveIntact(SslProtocols version)
    {
        const int Length = 50_000_000;
        await using var upstream = TcpUpstream.Echo();
        await using var edge = await StartAsync(upstream.Address);
        await using var client = await TunnelClient.ConnectAsync(edge, Host, version);
        var data = new byte[Length];
        Random.Shared.NextBytes(data);

        var sending = Task.Run(async () =>
        {
            await client.Tls.WriteAsync(data);
            await client.Tls.ShutdownAsync();
        });
        var hash = await SHA256.HashDataAsync(client.Tls).AsTask().WaitAsync(TimeSpan.FromSeconds(120));
        await sending;

        Assert.Equal(SHA256.HashData(data), hash);
    }

    // It reads nothing until it is told to: what has no room must wait with the client, and not in the edge.
    [Fact]
    public async Task Server_ThatReadsNothing_HoldsTheClientBack()
    {
        var go = new TaskCompletionSource();
        var drained = new TaskCompletionSource<(long, bool)>();
        await using var upstream = TcpUpstream.Start(async socket =>
        {
            await go.Task;
            drained.SetResult(await TcpUpstream.DrainAsync(socket));
        });
        await using var edge = await StartAsync(upstream.Address);
        await using var client = await TunnelClient.ConnectAsync(edge, Host);
        long sent = 0;
        var sending = Task.Run(async () =>
        {
            for (; sent < 100_000_000; sent += 1_000_000)
                await client.Tls.WriteAsync(new byte[1_000_000]);
            await client.Tls.ShutdownAsync();
        });

        var former = -1L;
        await Eventually.TrueAsync(async () =>
        {
            former = Volatile.Read(ref sent);
            await Task.Delay(1000);
            return former == Volatile.Read(ref sent);
        }, TimeSpan.FromSeconds(60));
        Assert.InRange(former, 1, 60_000_000);
        go.SetResult();
        await sending.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((100_000_000, true), await drained.Task.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Client_ThatSaysGoodbye_IsAnEndForTheServer_WhichGoesOn()
    {
        var end = new TaskCompletionSource<(long, bool)>();
        await using var upstream = TcpUpstream.Start(async socket =>
        {
            end.SetResult(await TcpUpstream.DrainAsync(socket));
            await socket.SendAsync(new byte[5_000_000]);
        });
        await using var edge = await StartAsync(upstream.Address);
        await using var client = await TunnelClient.ConnectAsync(edge, Host);

        await client.SendAsync("all there is");
        await client.Tls.ShutdownAsync();

        Assert.Equal(5_000_000, (await client.ReceiveToEndAsync()).Length);
        Assert.Equal((12, true), await end.Task);
    }

    [Fact]
    public async Task Server_ThatEnds_IsAGoodbyeForTheClient_WhichGoesOn()
    {
        var end = new TaskCompletionSource<(long, bool)>();
        await using var upstream = TcpUpstream.Start(async socket =>
        {
            await socket.SendAsync("bye"u8.ToArray());
            socket.Shutdown(SocketShutdown.Send);
            end.SetResult(await TcpUpstream.DrainAsync(socket));
        });
        await using var edge = await StartAsync(upstream.Address);
        await using var client = await TunnelClient.ConnectAsync(edge, Host);

        Assert.Equal("bye", await client.ReceiveToEndAsync());
        await client.Tls.WriteAsync(new byte[5_000_000]);
        await client.Tls.ShutdownAsync();

        Assert.Equal((5_000_000, true), await end.Task.WaitAsync(Eventually.DefaultTimeout));
    }

    // A FIN can be forged by anybody on the way, as a reset can.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Client_ThatGoesWithoutGoodbye_IsAResetForTheServer(bool reset)
    {
        var end = new TaskCompletionSource<(long Bytes, bool InGoodOrder)>();
        await using var upstream = TcpUpstream.Start(async socket =>
        {
            await socket.SendAsync("220 ready\r\n"u8.ToArray());
            end.SetResult(await TcpUpstream.DrainAsync(socket));
        });
        await using var edge = await StartAsync(upstream.Address);
        await using var client = await TunnelClient.ConnectAsync(edge, Host);
        await client.ReceiveAsync(11);
        await client.SendAsync("half a sen");

        if (reset)
            client.Reset();
        else
            client.Socket.Shutdown(SocketShutdown.Send);

        Assert.False((await end.Task.WaitAsync(Eventually.DefaultTimeout)).InGoodOrder);
        await edge.MetricsSayAsync(metrics => metrics.Sum("reprise_tcp_connections", ("profile", "tunnel")) == 0);
    }

    [Fact]
    public async Task Server_ThatResets_IsNoGoodbyeForTheClient()
    {
        await using var upstream = TcpUpstream.Start(async socket =>
        {
            await socket.ReceiveAsync(new byte[100]);
            await socket.SendAsync("half a sen"u8.ToArray());
            await Task.Delay(100); // on its way
            socket.Close(0);
        });
        await using var edge = await StartAsync(upstream.Address);
        await using var client = await TunnelClient.ConnectAsync(edge, Host);
        await client.SendAsync("?");

        Assert.Equal("half a sen", await client.ReceiveAsync(10));
        // SslStream takes a FIN without close_notify for an end; openssl does not.
        var openssl = await new OpenSsl(edge.Tls) { ServerName = Host, Request = "?\n", Arguments = ["-quiet", "-ign_eof"] }.RunAsync();
        Assert.Contains("half a sen", openssl.Output, StringComparison.Ordinal);
        Assert.Contains("unexpected eof", openssl.Output, StringComparison.Ordinal);
        await edge.MetricsSayAsync(metrics => metrics.Sum("reprise_tcp_connections", ("profile", "tunnel")) == 0);
    }

    [Fact]
    public async Task Connection_ThatIsIdleForTooLong_IsCut()
    {
        var end = new TaskCompletionSource<(long Bytes, bool InGoodOrder)>();
        await using var upstream = TcpUpstream.Start(async socket => end.SetResult(await TcpUpstream.DrainAsync(socket)));
        await using var edge = await StartAsync(upstream.Address, tcp => tcp["IdleTimeout"] = "00:00:02");
        await using var client = await TunnelClient.ConnectAsync(edge, Host);
        for (var i = 0; i < 6; i++)
        {
            await client.SendAsync("still here"); // for longer than that
            await Task.Delay(500);
        }

        Assert.False(end.Task.IsCompleted);
        Assert.Equal((60, false), await end.Task.WaitAsync(Eventually.DefaultTimeout));
    }

    [Fact]
    public async Task Servers_Several_AreTakenInTurn()
    {
        await using var one = TcpUpstream.Echo();
        await using var two = TcpUpstream.Echo();
        await using var edge = await StartAsync(one.Address, tcp => tcp["Addresses"] = new JsonArray(one.Address, two.Address));
        for (var i = 0; i < 6; i++)
            await EchoAsync(edge);

        Assert.Equal((3, 3), (one.Accepted, two.Accepted));
    }

    [Fact]
    public async Task Servers_OfWhichOneIsDown_AreStillServed_AndItIsToldOnce()
    {
        var down = $"127.0.0.1:{FreePort.Next()}";
        await using var up = TcpUpstream.Echo();
        await using var edge = await StartAsync(up.Address, tcp =>
        {
            tcp["Addresses"] = new JsonArray(down, up.Address);
            tcp["Balance"] = "FirstAvailable";
        });
        for (var i = 0; i < 5; i++)
            await EchoAsync(edge);

        Assert.Equal(5, up.Accepted);
        await edge.MetricsSayAsync(metrics => metrics.Sum("reprise_tcp_connect_errors_total", ("profile", "tunnel")) is > 0 and < 5);
        Assert.Single(edge.Process.Lines, line => line.Contains($"server {down} cannot be reached", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Servers_AllDown_EndTheConnection_AndAreAskedAgain()
    {
        var port = FreePort.Next();
        await using var edge = await StartAsync($"127.0.0.1:{port}");
        await using (var client = await TunnelClient.ConnectAsync(edge, Host))
        {
            var ended = await Record.ExceptionAsync(async () => Assert.Equal("", await client.ReceiveToEndAsync()));
            Assert.True(ended is null or IOException, $"{ended}");
        }

        await edge.Process.WaitForLineAsync("cannot be reached");
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, port);
        listener.Start();
        var accepting = listener.AcceptSocketAsync();
        await using (await TunnelClient.ConnectAsync(edge, Host))
        {
            using var socket = await accepting.WaitAsync(Eventually.DefaultTimeout);
            await edge.Process.WaitForLineAsync("can be reached again");
        }
    }

    [Fact]
    public async Task Stop_WithAnOpenConnection_LetsItFinish_AndEndsWithIt()
    {
        await using var upstream = TcpUpstream.Echo();
        await using var edge = await StartAsync(upstream.Address);
        await using var client = await TunnelClient.ConnectAsync(edge, Host);
        await client.SendAsync("before");
        Assert.Equal("before", await client.ReceiveAsync(6));

        var stopping = edge.Process.TerminateAsync(TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(async () => !await IsListeningAsync(edge));
        await client.SendAsync("after");
        Assert.Equal("after", await client.ReceiveAsync(5));
        Assert.False(stopping.IsCompleted);
        await client.Tls.ShutdownAsync();
        Assert.Equal("", await client.ReceiveToEndAsync());

        Assert.Equal(0, await stopping);
    }

    [Fact]
    public async Task Stop_WithAConnectionThatGoesOn_CutsItAtTheDeadline()
    {
        var end = new TaskCompletionSource<(long Bytes, bool InGoodOrder)>();
        await using var upstream = TcpUpstream.Start(async socket => end.SetResult(await TcpUpstream.DrainAsync(socket)));
        await using var edge = await world.StartEdgeAsync(Settings(upstream.Address).With("Edge:DrainTimeout", "00:00:02"));
        await using var client = await TunnelClient.ConnectAsync(edge, Host);
        await client.SendAsync("going on");
        await edge.MetricsSayAsync(metrics => metrics.Sum("reprise_tcp_connections") == 1);

        Assert.Equal(0, await edge.Process.TerminateAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal((8, false), await end.Task);
        Assert.Empty(edge.Errors);
    }

    // Ten thousand times the life of a connection is for the soak; here, that none is left behind.
    [Fact]
    public async Task Connections_Many_LeaveNoneBehind()
    {
        await using var upstream = TcpUpstream.Echo();
        await using var edge = await StartAsync(upstream.Address);
        for (var round = 0; round < 10; round++)
            await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => EchoAsync(edge)));

        Assert.Equal(100, upstream.Accepted);
        await edge.MetricsSayAsync(metrics => metrics.Sum("reprise_tcp_connections", ("profile", "tunnel")) == 0);
        Assert.Empty(edge.Errors);
    }

    private static async Task EchoAsync(EdgeNode edge)
    {
        await using var client = await TunnelClient.ConnectAsync(edge, Host);
        await client.SendAsync("hello");
        Assert.Equal("hello", await client.ReceiveAsync(5));
        await client.Tls.ShutdownAsync();
        Assert.Equal("", await client.ReceiveToEndAsync());
    }

    private static async Task<bool> IsListeningAsync(EdgeNode edge)
    {
        try
        {
            using var probe = new TcpClient();
            await probe.ConnectAsync(edge.EndPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Task<EdgeNode> StartAsync(string upstream, Action<JsonObject>? change = null) => world.StartEdgeAsync(Settings(upstream, change));

    private JsonObject Settings(string upstream, Action<JsonObject>? change = null)
    {
        var tcp = new JsonObject { ["Addresses"] = new JsonArray(upstream) };
        change?.Invoke(tcp);
        var profile = EdgeSettings.Profile([Host], stateful: true, stateless: true, "Stateless", "");
        profile["Upstream"] = new JsonObject { ["Tcp"] = tcp };
        return world.Settings("edge-6").With("Profiles:tunnel", profile);
    }
}
