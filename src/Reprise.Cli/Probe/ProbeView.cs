using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Matrix;
using Reprise.Cli.Terminal;
using Spectre.Console;

namespace Reprise.Cli.Probe;

/// <summary>Shows a matrix: a row per way of resuming and issuing node, then what did not resume and why; or all of it as JSON.</summary>
internal sealed class ProbeView(Screen screen)
{
    /// <summary>Counts pairs while they are tried, in a terminal.</summary>
    public async Task<List<PairResult>> CollectAsync(ResumptionMatrix matrix, bool json, CancellationToken cancellationToken)
    {
        var results = new List<PairResult>(matrix.Count);
        if (json || !screen.Interactive)
        {
            await foreach (var pair in matrix.RunAsync(cancellationToken))
                results.Add(pair);
            return results;
        }

        await screen.Console.Progress().AutoClear(true).StartAsync(async progress =>
        {
            var pairs = progress.AddTask("Offering sessions", maxValue: matrix.Count);
            await foreach (var pair in matrix.RunAsync(cancellationToken))
            {
                results.Add(pair);
                pairs.Increment(1);
            }
        });
        return results;
    }

    public void WriteTable(IReadOnlyList<ProbeNode> nodes, IReadOnlyList<PairResult> results, IReadOnlyList<string> notApplicable)
    {
        screen.Console.Write(Table(nodes, results));
        screen.Console.Write(CostTable.Of(WaySummary.Of(results)));
        WriteNotes(results, notApplicable);
    }

    /// <summary>What is not applicable, what did not resume and why, and how many did.</summary>
    public void WriteNotes(IReadOnlyList<PairResult> results, IReadOnlyList<string> notApplicable)
    {
        foreach (var note in notApplicable)
            screen.Out.WriteLine($"Not applicable: {note}.");
        foreach (var line in WhyNot(results))
            screen.Out.WriteLine(line);
        foreach (var late in results.Where(pair => pair.Outcome == PairOutcome.Resumed && pair.Tries > 1))
            screen.Out.WriteLine($"{Which([late])}: resumed at try {late.Tries}, declined before: {late.DeclinedBefore}");
        screen.Out.WriteLine($"{results.Count(pair => pair.Outcome == PairOutcome.Resumed)} of {results.Count} pairs resumed.");
    }

    /// <summary>A line for each reason, with one pair that it was given for.</summary>
    public static IEnumerable<string> WhyNot(IEnumerable<PairResult> results) =>
        results.Where(pair => pair.Outcome != PairOutcome.Resumed).GroupBy(pair => pair.Reason).Select(alike => $"{Which([.. alike])}: {alike.Key}");

    public void WriteJson(IReadOnlyList<PairResult> results, IReadOnlyList<string> notApplicable) => screen.WriteJson(ToJson(results, notApplicable));

    public static object ToJson(IReadOnlyList<PairResult> results, IReadOnlyList<string> notApplicable) => new
    {
        resumed = results.Count(pair => pair.Outcome == PairOutcome.Resumed),
        total = results.Count,
        notApplicable,
        ways = WaySummary.Of(results).Select(CostTable.ToJson),
        pairs = results.Select(pair => new
        {
            tls = pair.Case.Version.ToName(),
            mode = pair.Case.Mode.ToName(),
            client = pair.Case.Client.Name,
            sni = pair.Case.ServerName,
            from = pair.From.Name,
            to = pair.To.Name,
            outcome = OutcomeName(pair.Outcome),
            declined = pair.Report?.DeclineReason,
            reason = pair.Reason,
            sessions = pair.Sessions,
            resumedSessions = pair.ResumedSessions,
            fullHandshake = pair.Full,
            resumedHandshake = pair.Resumed,
            tries = pair.Tries,
            declinedBefore = pair.DeclinedBefore,
            report = pair.Report,
        }),
    };

    private static Table Table(IReadOnlyList<ProbeNode> nodes, IReadOnlyList<PairResult> results)
    {
        var table = new Table().Border(TableBorder.Simple).Title("A session of the node at the left, offered to the node above")
            .AddColumns("TLS, session, client", "full on");
        foreach (var node in nodes)
            table.AddColumn(Markup.Escape(node.Name));
        foreach (var way in results.GroupBy(pair => pair.Case))
        {
            foreach (var row in way.GroupBy(pair => pair.From))
            {
                table.AddRow([way.Key.Brief, Markup.Escape(row.Key.Name), .. row.Select(Cell)]);
            }
        }

        return table;
    }

    // The table shows all of them; a node that is down would fill a page with lines.
    private static string Which(List<PairResult> pairs)
    {
        var first = $"TLS {pairs[0].Case.Brief}, {pairs[0].From.Name} to {pairs[0].To.Name}";
        return pairs.Count == 1 ? first : $"{pairs.Count} pairs ({first}, ...)";
    }

    private static string Cell(PairResult pair) => pair.Outcome switch
    {
        PairOutcome.Resumed => $"[green]resumed[/] {Format.Milliseconds(pair.Resumed?.Milliseconds)}",
        _ when pair.ResumedSessions > 0 => $"[red]{pair.ResumedSessions} of {pair.Sessions} resumed[/]",
        PairOutcome.NotResumed => $"[red]{Markup.Escape(pair.Report?.DeclineReason is { } reason ? $"full: {reason}" : "not resumed")}[/]",
        _ => "[yellow]no answer[/]",
    };

    /// <summary>For scripts.</summary>
    public static string OutcomeName(PairOutcome outcome) => outcome switch
    {
        PairOutcome.Resumed => "resumed",
        PairOutcome.NotResumed => "notResumed",
        PairOutcome.NotSpoken => "notSpoken",
        _ => "unknown",
    };
}
