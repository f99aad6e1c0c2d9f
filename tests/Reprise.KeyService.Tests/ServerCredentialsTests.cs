using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests;

public sealed class ServerCredentialsTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task Files_OfANewAuthority_AreTakenUpWithoutARestart()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        var epoch = (await service.Channel().Admin.ListAsync(new())).Epochs[0].Number;
        using var next = new TestAuthority("next");
        next.WriteAll(Path.GetDirectoryName(service.File("ca.crt"))!);

        var early = service.Channel();
        await Assert.ThrowsAsync<RpcException>(async () => await early.Admin.ListAsync(new()));
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(epoch, (await service.Channel().Admin.ListAsync(new())).Epochs[0].Number);
    }

    [Fact]
    public async Task Files_ThatCannotBeUsed_LeaveTheFormerInForce()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        await service.Channel().Admin.ListAsync(new());
        File.WriteAllText(service.File("keys-1.crt"), "half a certific");
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Single((await service.Channel().Admin.ListAsync(new())).Epochs);
        Assert.Contains("the former one stays", service.Log.Text, StringComparison.Ordinal);
    }

}
