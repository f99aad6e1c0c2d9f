using System.Globalization;
using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Matrix;
using Spectre.Console;

namespace Reprise.Cli.Probe;

/// <summary>What resumption gains: a row per way, each figure of the full handshake and then of the resumed one. Fits 100 columns.</summary>
internal static class CostTable
{
    public static Table Of(IReadOnlyList<WaySummary> ways)
    {
        var table = new Table().Border(TableBorder.Simple).Title("Full handshake → resumed: milliseconds, bytes, round trips (medians)")
            .AddColumns("TLS, session, client", "resumed", "ms", "sent", "received", "trips");
        foreach (var way in ways)
        {
            table.AddRow([
                way.Case.Brief, Count(way), Time(way), .. Bytes(way),
                Pair(way, cost => cost.RoundTrips.ToString(CultureInfo.InvariantCulture))]);
        }

        return table;
    }

    public static object ToJson(WaySummary way) => new
    {
        tls = way.Case.Version.ToName(),
        mode = way.Case.Mode.ToName(),
        client = way.Case.Client.Name,
        sessions = way.Sessions,
        resumed = way.Resumed,
        fullHandshake = way.FullCost,
        resumedHandshake = way.ResumedCost,
        timeSaved = way.TimeSaved,
    };

    /// <summary>As <c>9 of 9</c>, in the colour of what it means.</summary>
    public static string Count(WaySummary way) => $"[{(way.Resumed == way.Sessions ? "green" : "red")}]{way.Resumed} of {way.Sessions}[/]";

    /// <summary>As <c>2.4 → 0.7 (−70%)</c>.</summary>
    public static string Time(WaySummary way) =>
        Pair(way, cost => cost.Milliseconds.ToString("0.0", CultureInfo.InvariantCulture))
        + (way.TimeSaved is { } saved ? string.Create(CultureInfo.InvariantCulture, $" ({-100 * saved:+0;-0;0}%)") : "");

    public static string[] Bytes(WaySummary way) =>
    [
        Pair(way, cost => cost.BytesSent.ToString(CultureInfo.InvariantCulture)),
        Pair(way, cost => cost.BytesReceived.ToString(CultureInfo.InvariantCulture)),
    ];

    public static string Pair(WaySummary way, Func<HandshakeCost, string> figure) => (way.FullCost, way.ResumedCost) switch
    {
        (null, _) => "",
        ({ } full, null) => figure(full),
        ({ } full, { } resumed) => $"{figure(full)} → {figure(resumed)}",
    };
}
