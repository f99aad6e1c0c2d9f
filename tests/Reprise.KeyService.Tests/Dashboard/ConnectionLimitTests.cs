using System.Net;
using Microsoft.AspNetCore.Connections;
using Reprise.KeyService.Dashboard;

namespace Reprise.KeyService.Tests.Dashboard;

public sealed class ConnectionLimitTests
{
    private readonly ConnectionLimit _limit = new();
    private readonly TaskCompletionSource _end = new();
    private readonly ConnectionDelegate _admit;

    public ConnectionLimitTests() => _admit = _limit.Admit(_ => _end.Task);

    [Fact]
    public async Task Admit_ManyOfOneAddress_LeavesRoomForOthersUntilTheyEnd()
    {
        var open = Enumerable.Range(0, ConnectionLimit.MostOfOne).Select(_ => Connect("192.0.2.1")).ToList();

        Assert.DoesNotContain(open, each => each.IsCompleted);
        Assert.True(Connect("192.0.2.1").IsCompleted);
        Assert.False(Connect("192.0.2.2").IsCompleted);

        _end.SetResult();
        await Task.WhenAll(open);
        var later = new TaskCompletionSource();
        Assert.False(Connect("192.0.2.1", later.Task).IsCompleted);
    }

    [Fact]
    public void Admit_ManyAddresses_EndsAtTheLimitOfAll()
    {
        var open = Enumerable.Range(0, ConnectionLimit.Most).Select(i => Connect($"192.0.2.{i % 100}")).ToList();

        Assert.DoesNotContain(open, each => each.IsCompleted);
        Assert.True(Connect("192.0.2.200").IsCompleted);
    }

    private Task Connect(string from, Task? lasts = null) =>
        (lasts is null ? _admit : _limit.Admit(_ => lasts))(new DefaultConnectionContext { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(from), 1) });
}
