using System.Globalization;
using System.Text.Json.Nodes;

namespace Reprise.Dashboard.Tests.Harness;

/// <summary>A state that no healthy cluster has: every condition at once, in names that would be markup if the page took them for it.</summary>
internal static class EveryState
{
    public const string Markup = "<b>x</b>";

    private static readonly DateTimeOffset Now = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Has the page told of it, in the place of the key service.</summary>
    public static async Task ShowAsync(DashboardPage page)
    {
        page.RequestsMayFail = true; // the stream of one event ends, and is asked for again
        await page.Page.RouteAsync("**/api/events", route => route.FulfillAsync(new() { ContentType = "text/event-stream", Body = $"event: state\ndata: {Json().ToJsonString()}\n\n" }));
        await page.Page.ReloadAsync();
        await DashboardPage.ShowsAsync(page.Node($"{Markup} 4"), "removed");
    }

    private static JsonObject Json() => new()
    {
        ["service"] = Markup,
        ["leader"] = $"{Markup} other",
        ["generation"] = 40,
        ["now"] = Time(0),
        ["nodes"] = new JsonArray(Node(0, live: true), Node(1, live: true, lag: 12.5), Node(2, live: true, silent: 200), Node(3, live: false), Node(4, live: false, removed: true)),
        ["epochs"] = new JsonArray(
            Epoch(9, "staged", -1), Epoch(8, "active", -60, sealing: true), Epoch(7, "retired", -800, condemned: true), Epoch(6, "retired", -1600), Epoch(5, "destroyed", -3000)),
        ["declines"] = new JsonArray(Decline("store_miss", 12), Decline(Markup, 3)),
        ["profiles"] = new JsonArray(
            new JsonObject { ["name"] = Markup, ["stateful"] = true, ["stateless"] = false, ["nodes"] = 3, ["switched"] = true }),
        ["audit"] = new JsonArray([.. new[] { "begun", "ok", "laggards", "failed", "refused" }.Select((result, index) => Entry(100 - index, result))]),
    };

    private static JsonObject Node(int number, bool live, double? lag = null, int silent = 0, bool removed = false) => new()
    {
        ["name"] = $"{Markup} {number}",
        ["live"] = live,
        ["service"] = Markup,
        ["address"] = Markup,
        ["version"] = Markup,
        ["generation"] = lag is null ? 40 : 39,
        ["lagSeconds"] = lag,
        ["removed"] = removed,
        ["connectedAt"] = Time(-100),
        ["lastSeen"] = Time(-silent / 60.0),
        ["clockOffsetSeconds"] = number == 1 ? -7.5 : 0.002,
        ["handshakesPerSecond"] = number == 3 ? null : 1234.5,
        ["resumptionRate"] = number == 3 ? null : 0.2 * number,
        ["resumedFrom"] = new JsonArray([.. Enumerable.Range(0, 5).Select(issuer => new JsonObject { ["issuer"] = $"{Markup} {issuer}", ["recent"] = number * issuer * 25, ["total"] = 1_000_000 * issuer })]),
        ["profiles"] = new JsonArray(new JsonObject { ["name"] = Markup, ["stateful"] = number != 1, ["stateless"] = false }),
    };

    private static JsonObject Epoch(int number, string state, double minutes, bool sealing = false, bool condemned = false) => new()
    {
        ["number"] = number,
        ["state"] = state,
        ["sealing"] = sealing,
        ["condemned"] = condemned,
        ["createdAt"] = Time(minutes),
        ["activatesAt"] = state == "staged" ? null : Time(minutes),
        ["sealUntil"] = state == "staged" ? null : Time(minutes + 720),
        ["openUntil"] = Time(minutes + 2160),
        ["seals"] = 123_456,
        ["opens"] = 23_456,
        ["recentOpens"] = 345,
    };

    private static JsonObject Decline(string reason, int recent) => new() { ["reason"] = reason, ["recent"] = recent, ["total"] = recent * 100 };

    private static JsonObject Entry(int sequence, string result) => new()
    {
        ["sequence"] = sequence,
        ["at"] = Time(-sequence),
        ["service"] = Markup,
        ["actor"] = Markup,
        ["action"] = "set_resumption",
        ["target"] = Markup,
        ["result"] = result,
        ["detail"] = $"{Markup} and further words, so that this line is long enough to have to be broken somewhere on every screen",
    };

    private static string Time(double minutes) => Now.AddMinutes(minutes).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
