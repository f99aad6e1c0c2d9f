using System.Text.Json.Nodes;
using Grpc.Core;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>
/// DESIGN §5: with the key services gone nodes keep what they have until hard expiry, on their own clocks, and never mint a key. First they
/// issue no more tickets, then they take none, and no client's handshake fails of it.
/// </summary>
public sealed class ExpiryTests(EdgeWorld world) : IDisposable
{
    private static readonly string[] s_versions = ["1.2", "1.3"];
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_decryptLife = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task KeyServices_GoneForLongerThanTheKeysLive_CostTicketsAndNoHandshake()
    {
        var keys = await StartKeysAsync("127.0.0.1:0");
        await using var first = keys;
        var address = keys.Ready.GetProperty("grpc").GetString()!;
        var starting = world.StartEdgeAsync(world.Settings("edge-1", keyService: address));
        await using var two = await world.StartEdgeAsync(world.Settings("edge-2", keyService: address));
        await using var one = await starting;
        EdgeNode[] nodes = [one, two];

        var last = await RotateAsync(address); // so that its whole life is to come
        await keys.KillAsync();
        var tickets = s_versions.ToDictionary(version => version, version => _files.File(version));
        var issued = await Task.WhenAll(tickets.Select(ticket => one.VisitAsync(ticket.Key, EdgeSettings.Stateless, keep: ticket.Value)));
        Assert.All(issued, visit => Assert.Equal(last.Number, visit.Epoch));
        await using var visits = OutageVisits.Start(nodes, tickets);

        foreach (var node in nodes)
            await node.MetricsSayAsync(now => now.Sum("reprise_epoch_sealing") == 0);
        var unsealed = DateTimeOffset.UtcNow;
        foreach (var node in nodes)
        {
            await node.Process.WaitForLineAsync($"Epoch {last.Number}: its life is over, its secret is destroyed", s_patience);
            // From here on each of them has neither.
            var gone = DateTimeOffset.UtcNow;
            foreach (var version in s_versions)
            {
                await Eventually.TrueAsync(() => visits.All.Any(visit => visit.Started > gone && visit.Node == node && visit.Version == version && visit.Offered), s_patience);
                await Eventually.TrueAsync(() => visits.All.Any(visit => visit.Started > gone && visit.Node == node && visit.Version == version && !visit.Offered), s_patience);
            }
        }

        await visits.StopAsync();
        AssertAsListed(visits, last, unsealed);

        await using var second = await StartKeysAsync(address);
        foreach (var version in s_versions)
        {
            // Keys of some seconds: on a slow machine there are moments without one.
            await Eventually.TrueAsync(async () => await IsIssuedAndTakenAsync(one, two, version, last.Number), s_patience);
            await Eventually.TrueAsync(async () => await IsIssuedAndTakenAsync(two, one, version, last.Number), s_patience);
        }

        foreach (var node in nodes)
        {
            await node.MetricsSayAsync(now => now.Sum("reprise_handshakes_total") == now.Sum("reprise_handshakes_total", ("result", "ok")));
            Assert.Empty(node.Errors);
        }
    }

    // What the nodes did without it, by what the key service said of the epoch. A handshake comes after the start of its client: so what
    // a client that started past a date still got is what no node may give.
    private static void AssertAsListed(OutageVisits visits, EpochMetadata last, DateTimeOffset unsealed)
    {
        var (sealUntil, openUntil) = (last.SealUntil.ToDateTimeOffset(), last.OpenUntil.ToDateTimeOffset());
        Assert.Equal(s_decryptLife, openUntil - sealUntil);
        Assert.True(unsealed >= sealUntil);
        foreach (var each in visits.All)
        {
            Assert.True(each.Visit.Kind is not HandshakeKind.None, each.ToString());
            Assert.True(!each.GotTicket || each.Started < sealUntil, $"{each} got a ticket after {sealUntil:O}");
            Assert.True(!each.Resumed || each.Started < openUntil, $"{each} was resumed after {openUntil:O}");
            // It was the one key that there was: nobody else's took its place. (In TLS 1.3 a client does not offer what is past its life.)
            if (each is { Offered: true, Resumed: false, Version: "1.2" })
                Assert.True(each.Visit.Declined is "unknown_key" or "retired" or "expired", each.ToString());
        }
    }

    private Task<NodeProcess> StartKeysAsync(string grpc) => world.StartKeyServiceAsync(grpc, new JsonObject
    {
        ["Interval"] = s_interval.ToString("c"),
        ["DecryptLife"] = s_decryptLife.ToString("c"),
        ["AcknowledgeTimeout"] = "00:00:02",
        ["MinimumSpacing"] = "00:00:00",
    });

    // A new epoch on all nodes, as it is listed. The schedule may be rotating already: then it is that one.
    private async Task<EpochMetadata> RotateAsync(string address)
    {
        using var admin = world.Admin(address);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    using var call = admin.Admin.Rotate(new RotateRequest());
                    return (await call.ResponseStream.ReadAllAsync().ToListAsync())[^1].Done.Complete;
                }
                catch (RpcException fault) when (fault.StatusCode is StatusCode.Aborted)
                {
                    return false;
                }
            },
            s_patience);
        return (await admin.Admin.ListAsync(new ListRequest())).Epochs.Single(epoch => epoch.Sealing);
    }

    private async Task<bool> IsIssuedAndTakenAsync(EdgeNode one, EdgeNode other, string version, long former)
    {
        var ticket = _files.File("new");
        File.Delete(ticket);
        var visit = await one.VisitAsync(version, EdgeSettings.Stateless, keep: ticket);
        if (!visit.Client.HasTicket && visit.Client.Tickets == 0)
            return false;
        Assert.True(visit.Epoch > former);
        return await other.VisitAsync(version, EdgeSettings.Stateless, offer: ticket) is { Kind: HandshakeKind.Resumed, Mode: "stateless" };
    }
}
