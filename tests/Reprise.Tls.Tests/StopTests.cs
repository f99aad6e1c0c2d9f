using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>A stop takes no request away that was accepted.</summary>
public sealed class StopTests : TlsTest
{
    [Fact]
    public async Task Stop_RequestUnderWay_Finishes()
    {
        await using var server = await StartAsync();
        await using var stream = await ConnectAsync(server.Address);
        await stream.WriteAsync("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        await Eventually.TrueAsync(() => server.Slow == 1);

        var stop = server.StopAsync();
        var response = Encoding.ASCII.GetString(await ReadToEndAsync(stream));
        await stop;

        Assert.Contains("slow", response);
    }

    [Fact]
    public async Task Stop_ConnectionWithoutRequest_EndsWithCloseNotify()
    {
        await using var server = await StartAsync();
        await using var fresh = await ConnectAsync(server.Address);
        await using var keptAlive = await ConnectAsync(server.Address);
        await keptAlive.WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        Assert.NotEqual(0, await keptAlive.ReadAsync(new byte[4096]));

        var stop = server.StopAsync();

        Assert.Empty(await ReadToEndAsync(fresh));
        await ReadToEndAsync(keptAlive);
        await stop;
    }

    [Fact]
    public async Task Stop_HandshakeUnderWay_CompletesAndIsServed()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var storing = new TaskCompletionSource();
        Shared.StoreDelay = () =>
        {
            storing.TrySetResult();
            return gate.Task;
        };
        await using var server = await StartAsync();
        var client = (Client(server, "1.2") with { NoTicket = true }).RunAsync();
        await storing.Task;

        var stop = server.StopAsync();
        await Eventually.TrueAsync(() => Refuses(server));
        gate.SetResult();
        var result = await client;
        await stop;

        Assert.Contains("200 OK", result.Response);
    }

    [Fact]
    public async Task Stop_HandshakeThatStalls_IsCutAtTheDrainTimeout()
    {
        await using var server = await TlsServer.StartAsync(Shared, o => o.DrainTimeout = TimeSpan.FromMilliseconds(300), Options());
        using var silent = await RawClient.ConnectAsync(server);
        await AcceptedAsync(server);

        await server.StopAsync();
        await server.DisposeAsync();

        Assert.Empty(await RawClient.ReadToEndAsync(silent));
        Assert.Equal(HandshakeFailure.Stopping, Assert.Single(server.Policy.Failures).Failure);
    }

    [Fact]
    public async Task Stop_UnderLoad_LosesNoRequestThatWasSent()
    {
        await using var server = await StartAsync();
        var answered = 0;
        var stopped = false;
        var clients = Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref stopped))
            {
                System.Net.Security.SslStream stream;
                try
                {
                    stream = await ConnectAsync(server.Address);
                }
                catch (Exception refused) when (refused is SocketException or IOException or System.Security.Authentication.AuthenticationException)
                {
                    Assert.True(Volatile.Read(ref stopped), $"{refused}");
                    return;
                }

                await using (stream)
                {
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get("/bytes/20000", "localhost")));
                    Assert.True((await ReadToEndAsync(stream)).Length > 20_000);
                    Interlocked.Increment(ref answered);
                }
            }
        })).ToList();
        await Eventually.TrueAsync(() => Volatile.Read(ref answered) > 100);

        Volatile.Write(ref stopped, true);
        await server.StopAsync();
        await Task.WhenAll(clients);
    }

    [Fact]
    public async Task Start_OnAnAddressThatIsTaken_IsRefused()
    {
        await using var server = await StartAsync();
        using var policy = new TestPolicy(Shared, new TlsProfile(Options()));
        using var other = Factory(share: false);

        var fault = await Assert.ThrowsAsync<IOException>(async () => await other.BindAsync(new TlsEndPoint(new IPEndPoint(IPAddress.Loopback, server.Port))));
        Assert.Equal($"Cannot listen on {server.Address}: Address already in use", fault.Message);

        using var successor = Factory(share: true);
        await using var listener = await successor.BindAsync(new TlsEndPoint(new IPEndPoint(IPAddress.Loopback, server.Port)));

        TlsTransportFactory Factory(bool share) =>
            new(policy, Microsoft.Extensions.Options.Options.Create(new TlsTransportOptions { SharePorts = share }), NullLoggerFactory.Instance);
    }

    [Fact]
    public async Task Start_AgainAfterConnectionsInTimeWait_Works()
    {
        var server = await StartAsync();
        await AcceptedAsync(server);
        await server.DisposeAsync();
        using var policy = new TestPolicy(Shared, new TlsProfile(Options()));
        using var again = new TlsTransportFactory(policy, Microsoft.Extensions.Options.Options.Create(new TlsTransportOptions()), NullLoggerFactory.Instance);

        await using var listener = await again.BindAsync(new TlsEndPoint(new IPEndPoint(IPAddress.Loopback, server.Port)));
    }

    private static async Task AcceptedAsync(TlsServer server) => Assert.Contains("200 OK", (await Client(server).RunAsync()).Response);

    private static bool Refuses(TlsServer server)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, server.Port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
