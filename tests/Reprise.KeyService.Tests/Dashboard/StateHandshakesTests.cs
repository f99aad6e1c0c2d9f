using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Dashboard;

/// <summary>What heartbeats tell of handshakes, in the page's state.</summary>
public sealed class StateHandshakesTests
{
    [Fact]
    public async Task State_OfNodesThatBeat_HasRatesIssuersAndDeclines()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var dashboard = await DashboardHarness.StartAsync(time);
        var browser = await dashboard.SignedInAsync();
        var (one, two) = (await dashboard.Service.NodeAsync("edge-1"), await dashboard.Service.NodeAsync("edge-2"));
        await one.SayAsync(Beat(new HandshakeCounts { Full = 100, ResumedFrom = { Named("edge-2", 50) }, Declined = { Named("expired", 10) } }));
        await two.SayAsync(Beat(new HandshakeCounts { Full = 7 }));
        await StateAsync(browser, time, state => Nodes(state).All(node => Total(node, "edge-2") == (Name(node) == "edge-1" ? 50 : 0)) && Nodes(state).Count == 2);

        time.Advance(TimeSpan.FromSeconds(20));
        await one.SayAsync(Beat(new HandshakeCounts
        {
            Full = 110,
            Stateful = 10,
            Stateless = 20,
            ResumedFrom = { Named("edge-2", 70), Named("edge-1", 10) },
            Declined = { Named("expired", 14), Named("scope", 1) },
        }));
        await two.SayAsync(Beat(new HandshakeCounts { Full = 7, Declined = { Named("expired", 2) } }));

        var state = await StateAsync(browser, time, state => Nodes(state).All(node => node.GetProperty("handshakesPerSecond").ValueKind is JsonValueKind.Number));
        var (first, second) = (Nodes(state)[0], Nodes(state)[1]);
        var told = (await dashboard.Service.Channel().Admin.NodesAsync(new())).Nodes[0].HandshakesPerSecond()!.Value;
        Assert.InRange(told, double.Epsilon, 2); // 40 in the 20 s and what passed before them
        Assert.Equal((told, 0.75), (first.GetProperty("handshakesPerSecond").GetDouble(), first.GetProperty("resumptionRate").GetDouble()));
        Assert.Equal("""[{"issuer":"edge-1","recent":10,"total":10},{"issuer":"edge-2","recent":20,"total":70}]""", first.GetProperty("resumedFrom").GetRawText());
        Assert.Equal(0, second.GetProperty("handshakesPerSecond").GetDouble());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("resumptionRate").ValueKind);
        Assert.Equal("""[{"reason":"expired","recent":6,"total":16},{"reason":"scope","recent":1,"total":1}]""", state.GetProperty("declines").GetRawText());

        await two.DisposeAsync();
        state = await StateAsync(browser, time, state => !Nodes(state)[1].GetProperty("live").GetBoolean());
        Assert.Equal("""[{"reason":"expired","recent":4,"total":14},{"reason":"scope","recent":1,"total":1}]""", state.GetProperty("declines").GetRawText());
    }

    // A state is kept for a moment by the service's clock, which does not go by itself here.
    private static async Task<JsonElement> StateAsync(Browser browser, FakeTimeProvider time, Func<JsonElement, bool> condition)
    {
        var state = default(JsonElement);
        await Eventually.TrueAsync(async () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(200));
            return condition(state = await browser.StateAsync());
        });
        return state;
    }

    private static List<JsonElement> Nodes(JsonElement state) => [.. state.GetProperty("nodes").EnumerateArray()];

    private static string? Name(JsonElement node) => node.GetProperty("name").GetString();

    private static long Total(JsonElement node, string issuer) =>
        node.GetProperty("resumedFrom").EnumerateArray().Where(from => from.GetProperty("issuer").GetString() == issuer).Sum(from => from.GetProperty("total").GetInt64());

    private static SubscribeRequest Beat(HandshakeCounts counts) => new() { Heartbeat = new() { Handshakes = counts } };

    private static NamedCount Named(string name, long count) => new() { Name = name, Count = count };
}
