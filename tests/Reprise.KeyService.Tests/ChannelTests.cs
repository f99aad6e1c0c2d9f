using System.Net.Sockets;
using Grpc.Core;
using Reprise.KeyProtocol.Client;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests;

public sealed class ChannelTests
{
    [Fact]
    public async Task Channel_FirstAddressDead_CallsTheNext()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        using var channel = KeyServiceChannel.Create(
            [$"127.0.0.1:{FreePort.Next()}", $"https://{service.Address}"], service.File("ca.crt"), service.File("admin.crt"), service.File("admin.key"));

        Assert.Equal("keys-1", (await channel.Admin.ListAsync(new())).Service);
    }

    [Fact]
    public async Task Channel_NobodyThere_ExplainsInOneLine()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var dead = $"127.0.0.1:{FreePort.Next()}";
        using var channel = KeyServiceChannel.Create([dead], service.File("ca.crt"), service.File("admin.crt"), service.File("admin.key"));

        var fault = await Assert.ThrowsAsync<RpcException>(async () => await channel.Admin.ListAsync(new()));

        var line = channel.Explain(fault);
        Assert.Contains($"{dead} cannot be reached", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public async Task Channel_WrongRole_ExplainsByStatus()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var channel = service.Channel("edge-1");

        var fault = await Assert.ThrowsAsync<RpcException>(async () => await channel.Admin.ListAsync(new()));

        Assert.EndsWith("PermissionDenied: edge/edge-1 may not call /reprise.keys.v1.KeyAdmin/List", channel.Explain(fault), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("keyservice")]
    public async Task Channel_AddressThatIsNone_IsRefused(string address)
    {
        await using var service = await KeyServiceHarness.StartAsync();

        Assert.Throws<ArgumentException>(() => KeyServiceChannel.Create([address], service.File("ca.crt"), service.File("admin.crt"), service.File("admin.key")));
        Assert.Throws<ArgumentException>(() => KeyServiceChannel.Create([], service.File("ca.crt"), service.File("admin.crt"), service.File("admin.key")));
    }

    [Fact]
    public async Task Service_HostileBytesAndIdleConnections_GoesOnServing()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var port = int.Parse(service.Address.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        var sockets = new List<TcpClient>();
        for (var i = 0; i < 50; i++)
        {
            var socket = new TcpClient();
            await socket.ConnectAsync("127.0.0.1", port);
            if (i % 2 == 0)
                await socket.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            sockets.Add(socket);
        }

        Assert.Equal("keys-1", (await service.Channel().Admin.ListAsync(new())).Service);
        sockets.ForEach(socket => socket.Dispose());
        Assert.DoesNotContain(service.Log.Lines, line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }
}
