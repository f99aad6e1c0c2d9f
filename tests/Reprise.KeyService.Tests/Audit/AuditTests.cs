using Grpc.Core;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Audit;

public sealed class AuditTests
{
    [Fact]
    public async Task Audit_OfOrders_TellsWhoDidWhatWithWhatResult()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await service.SubscribeAsync();
        var epoch = (await service.Channel().RotateAsync())[^1].Done.Epoch;
        await service.Channel().RevokeAsync(epoch);
        await service.Channel().Admin.PurgeSessionsAsync(new() { All = true });

        var entries = await Eventually.ResultAsync(service.Channel().AuditAsync, entries => entries.Count == 6);

        // The rotation that a revocation needs ends on its own time.
        Assert.Equal(
            ["admin/admin purge_sessions ok", "admin/admin revoke begun", "admin/admin revoke ok", "admin/admin rotate ok", "admin/admin rotate ok", "keyservice/keys-1 begin ok"],
            entries.Select(entry => $"{entry.Actor} {entry.Action} {entry.Result}").Order(StringComparer.Ordinal));
        Assert.All(entries, entry => Assert.Equal("keys-1", entry.Service));
        Assert.Equal($"epoch {epoch}", entries[1].Target);
        // The log has each entry and its hash, to hold the store against.
        Assert.All(entries, entry => Assert.Contains($"Audit entry {entry.Sequence} is kept, hash {Convert.ToHexStringLower(entry.Hash.Span)}", service.Log.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Audit_OfRefusals_HasTheWrongRoleAndTheUnknownCa()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await Calls.FaultAsync(() => service.Channel("edge-1").RotateAsync());
        await Calls.FaultAsync(() => service.StrangersChannel().RotateAsync());

        var entries = await Eventually.ResultAsync(service.Channel().AuditAsync, entries => entries.Count(entry => entry.Action == "refuse") >= 2);

        Assert.Contains(entries, entry => entry is { Actor: "edge/edge-1", Action: "refuse", Target: "/reprise.keys.v1.KeyAdmin/Rotate", Result: "refused" });
        Assert.Contains(entries, entry => entry is { Actor: "unknown", Action: "refuse", Target: "127.0.0.1", Result: "refused" });
    }

    [Fact]
    public async Task Audit_FloodOfRefusals_IsCountedAndDoesNotWashOthersOut()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var channel = service.Channel("edge-1");
        for (var i = 0; i < 60; i++)
            await Calls.FaultAsync(() => channel.RotateAsync());
        await service.Channel().RotateAsync();

        var entries = await Eventually.ResultAsync(service.Channel().AuditAsync, entries => entries.Any(entry => entry.Action == "rotate"));

        Assert.Single(entries, entry => entry.Action == "refuse");
    }

    [Fact]
    public async Task Audit_Entries_AreChainedAndEachChangeShows()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await service.Channel().RotateAsync();
        await service.Channel().RotateAsync();
        var entries = await Eventually.ResultAsync(service.Channel().AuditAsync, entries => entries.Count == 3);

        Assert.Equal([1L, 2, 3], entries.Select(entry => entry.Sequence));
        Assert.Equal(new byte[32], entries[0].PreviousHash.ToByteArray());
        for (var i = 1; i < entries.Count; i++)
        {
            Assert.Equal(entries[i - 1].Hash, entries[i].PreviousHash);
            Assert.Equal(entries[i].Hash, AuditChain.Link(entries[i].Clone(), entries[i - 1]).Hash);
            Action<AuditEntry>[] changes =
            [
                entry => entry.Actor += "x", entry => entry.Detail = "", entry => entry.Result = "failed", entry => entry.At.Seconds++, entry => entry.Service = "keys-2",
                // Moving a letter from one field to the next must show too.
                entry => (entry.Actor, entry.Action) = (entry.Actor[..^1], entry.Actor[^1] + entry.Action),
            ];
            Assert.All(changes, change =>
            {
                var changed = entries[i].Clone();
                change(changed);
                Assert.NotEqual(entries[i].Hash, AuditChain.Link(changed, entries[i - 1]).Hash);
            });
        }
    }

    [Fact]
    public async Task Audit_FollowAndLast_BeginNearTheEndAndGoOn()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await service.Channel().RotateAsync();
        await Eventually.ResultAsync(service.Channel().AuditAsync, entries => entries.Count == 2);
        using var call = service.Channel().Admin.Audit(new AuditRequest { Last = 1, Follow = true });

        Assert.True(await call.ResponseStream.MoveNext().WaitAsync(Eventually.DefaultTimeout));
        Assert.Equal(2, call.ResponseStream.Current.Sequence);
        await service.Channel().RotateAsync();
        Assert.True(await call.ResponseStream.MoveNext().WaitAsync(Eventually.DefaultTimeout));
        Assert.Equal(3, call.ResponseStream.Current.Sequence);
    }
}
