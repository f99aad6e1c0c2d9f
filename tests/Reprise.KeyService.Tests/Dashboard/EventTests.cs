using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Reprise.KeyService.Dashboard.State;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Dashboard;

public sealed class EventTests
{
    [Fact]
    public async Task Stream_AtOnce_TellsTheStateAsAskedFor()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = await dashboard.SignedInAsync();

        await using var events = await FollowAsync(browser);
        var first = await UntilAsync(events, _ => true);

        Assert.Equal(
            (await browser.StateAsync()).EnumerateObject().Select(property => property.Name),
            first.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task Stream_NodeJoinsLagsAndLeaves_TellsEach()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = await dashboard.SignedInAsync();
        await using var events = await FollowAsync(browser);
        await UntilAsync(events, state => state.GetProperty("nodes").GetArrayLength() == 0);

        var node = await dashboard.Service.NodeAsync("edge-1", acknowledge: false);
        var lagging = await UntilAsync(events, state => Node(state) is { } edge && edge.GetProperty("live").GetBoolean());
        await node.AcknowledgeAsync(node.Last!.Generation);
        var caughtUp = await UntilAsync(events, state => Node(state) is { } edge && edge.GetProperty("lagSeconds").ValueKind is JsonValueKind.Null);
        await node.DisposeAsync();
        var gone = await UntilAsync(events, state => Node(state) is { } edge && !edge.GetProperty("live").GetBoolean());

        Assert.Equal(JsonValueKind.Number, Node(lagging)!.Value.GetProperty("lagSeconds").ValueKind);
        Assert.Equal(0, Node(lagging)!.Value.GetProperty("generation").GetInt64());
        Assert.Equal(caughtUp.GetProperty("generation").GetInt64(), Node(caughtUp)!.Value.GetProperty("generation").GetInt64());
        Assert.Equal(JsonValueKind.Number, Node(gone)!.Value.GetProperty("lagSeconds").ValueKind);
    }

    [Fact]
    public async Task Stream_SignedOut_Ends()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = await dashboard.SignedInAsync();
        await using var events = await FollowAsync(browser);
        await UntilAsync(events, _ => true);

        using var answer = await browser.SignOutAsync();

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        while (await events.MoveNextAsync().AsTask().WaitAsync(Eventually.DefaultTimeout))
        {
        }
    }

    [Fact]
    public async Task Stream_OneTooMany_IsRefusedUntilAnotherEnds()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = await dashboard.SignedInAsync();
        var open = new List<Stream>();
        for (var i = 0; i < StateStream.Most; i++)
            open.Add(await browser.EventsAsync());

        using var refused = await browser.GetAsync("/api/events");
        await open[0].DisposeAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        await Eventually.TrueAsync(async () => await TryOpenAsync(browser, open));
        foreach (var stream in open)
            await stream.DisposeAsync();
    }

    private static async Task<bool> TryOpenAsync(Browser browser, List<Stream> open)
    {
        try
        {
            open.Add(await browser.EventsAsync());
            return true;
        }
        catch (HttpRequestException fault) when (fault.StatusCode is HttpStatusCode.ServiceUnavailable)
        {
            return false;
        }
    }

    private static JsonElement? Node(JsonElement state) =>
        state.GetProperty("nodes").EnumerateArray().Where(node => node.GetProperty("name").GetString() == "edge-1").Select(node => (JsonElement?)node).SingleOrDefault();

    private static async Task<IAsyncEnumerator<SseItem<string>>> FollowAsync(Browser browser) => SseParser.Create(await browser.EventsAsync()).EnumerateAsync().GetAsyncEnumerator();

    // Reads on from where the last one has stopped.
    private static async Task<JsonElement> UntilAsync(IAsyncEnumerator<SseItem<string>> events, Func<JsonElement, bool> expected)
    {
        while (await events.MoveNextAsync().AsTask().WaitAsync(2 * Eventually.DefaultTimeout))
        {
            Assert.Equal("state", events.Current.EventType);
            var state = JsonDocument.Parse(events.Current.Data).RootElement;
            if (expected(state))
                return state;
        }

        throw new InvalidOperationException("The stream has ended.");
    }
}
