using System.Globalization;
using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Matrix;
using Reprise.Cli.Terminal;
using Spectre.Console;

namespace Reprise.Cli.Probe.Sites;

/// <summary>A table for each site, a row for each way; or all of it as JSON.</summary>
internal sealed class SiteView(Screen screen)
{
    public void WriteTables(IReadOnlyList<SiteResult> sites)
    {
        foreach (var site in sites)
        {
            if (site.Failure is null)
                screen.Console.Write(Table(site));
            else
                screen.Out.WriteLine($"{site.Site}: {Format.Plain(site.Failure)}");
            foreach (var line in ProbeView.WhyNot(site.Pairs))
                screen.Out.WriteLine(Format.Plain(line));
        }
    }

    public void WriteJson(IReadOnlyList<SiteResult> sites) => screen.WriteJson(new
    {
        sites = sites.Select(site => new
        {
            host = site.Site.Host,
            port = site.Site.Port,
            failure = site.Failure,
            addresses = site.Nodes.Select(node => node.EndPoint.ToString()),
            addressesLeftOut = site.LeftOut,
            ways = site.Pairs.GroupBy(pair => pair.Case).Select(way => ToJson(WaySummary.Of(way).Single(), [.. way])),
        }),
    });

    private static Table Table(SiteResult site)
    {
        var table = new Table().Border(TableBorder.Simple)
            .Title(Markup.Escape($"{site.Site}, at {string.Join(", ", site.Nodes.Select(node => node.Name))}{(site.LeftOut > 0 ? $" ({site.LeftOut} more not asked)" : "")}"))
            .AddColumns("TLS, session, client", "same", "others", "keep for", "ms", "received", "trips");
        foreach (var way in site.Pairs.GroupBy(pair => pair.Case))
        {
            var (pairs, summary) = (way.ToList(), WaySummary.Of(way).Single());
            table.AddRow(
                way.Key.Brief, Count(Same(pairs)), Count(Others(pairs)), Lifetime(pairs), CostTable.Time(summary), CostTable.Bytes(summary)[1],
                CostTable.Pair(summary, cost => cost.RoundTrips.ToString(CultureInfo.InvariantCulture)));
        }

        return table;
    }

    private static object ToJson(WaySummary way, List<PairResult> pairs) => new
    {
        tls = way.Case.Version.ToName(),
        session = way.Case.Presented,
        client = way.Case.Client.Name,
        spoken = pairs.Exists(pair => pair.Outcome != PairOutcome.NotSpoken),
        sameAddress = Counts(Same(pairs)),
        otherAddresses = Counts(Others(pairs)),
        lifetimeHintSeconds = Hint(pairs)?.TotalSeconds,
        fullHandshake = way.FullCost,
        resumedHandshake = way.ResumedCost,
        timeSaved = way.TimeSaved,
        pairs = pairs.Select(pair => new
        {
            from = pair.From.EndPoint.ToString(),
            to = pair.To.EndPoint.ToString(),
            outcome = ProbeView.OutcomeName(pair.Outcome),
            reason = pair.Reason,
            sessions = pair.Sessions,
            resumedSessions = pair.ResumedSessions,
            fullHandshake = pair.Full,
            resumedHandshake = pair.Resumed,
        }),
    };

    private static List<PairResult> Same(List<PairResult> pairs) => [.. pairs.Where(pair => pair.From == pair.To)];

    private static List<PairResult> Others(List<PairResult> pairs) => [.. pairs.Where(pair => pair.From != pair.To)];

    private static object Counts(List<PairResult> pairs) => new { sessions = pairs.Sum(pair => pair.Sessions), resumed = pairs.Sum(pair => pair.ResumedSessions) };

    private static string Count(List<PairResult> pairs)
    {
        if (pairs.TrueForAll(pair => pair.Outcome is PairOutcome.NotSpoken or PairOutcome.Unknown))
            return "-";
        var (sessions, resumed) = (pairs.Sum(pair => pair.Sessions), pairs.Sum(pair => pair.ResumedSessions));
        return $"[{(sessions == resumed ? "green" : "red")}]{resumed} of {sessions}[/]";
    }

    // What a server says may differ from address to address: the shortest is what can be counted on.
    private static TimeSpan? Hint(List<PairResult> pairs) => pairs.Min(pair => pair.LifetimeHint);

    private static string Lifetime(List<PairResult> pairs) => Hint(pairs) switch
    {
        null => "",
        { Ticks: 0 } => "not said",
        { TotalHours: >= 48 } hint => string.Create(CultureInfo.InvariantCulture, $"{hint.TotalDays:0.#} d"),
        { TotalMinutes: >= 120 } hint => string.Create(CultureInfo.InvariantCulture, $"{hint.TotalHours:0.#} h"),
        { TotalSeconds: >= 120 } hint => string.Create(CultureInfo.InvariantCulture, $"{hint.TotalMinutes:0.#} min"),
        { } hint => string.Create(CultureInfo.InvariantCulture, $"{hint.TotalSeconds:0} s"),
    };
}
