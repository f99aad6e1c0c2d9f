using System.Globalization;
using Reprise.Cli.Probe.Matrix;
using Reprise.Cli.Terminal;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Reprise.Cli.Probe;

/// <summary><c>--watch</c>: round after round until it is stopped. A table that is drawn anew in a terminal, a line per round elsewhere.</summary>
internal static class ProbeWatch
{
    /// <returns>The last round that came to its end.</returns>
    /// <exception cref="OperationCanceledException">It was stopped before there was one.</exception>
    public static async Task<IReadOnlyList<PairResult>> RunAsync(
        ResumptionMatrix matrix, IReadOnlyList<string> notApplicable, TimeSpan interval, bool json, Screen screen, CancellationToken cancellationToken)
    {
        IReadOnlyList<PairResult>? last = null;
        try
        {
            if (screen.Interactive && !json)
            {
                await screen.Console.Live(new Text("The first round ...")).StartAsync(live => RoundsAsync(
                    matrix, interval, (round, results) =>
                    {
                        last = results;
                        live.UpdateTarget(Picture(round, results, notApplicable));
                        live.Refresh();
                    }, cancellationToken));
            }
            else
            {
                await RoundsAsync(matrix, interval, (round, results) =>
                {
                    last = results;
                    if (json)
                        screen.WriteJsonLine(new { round, at = TimeProvider.System.GetUtcNow(), result = ProbeView.ToJson(results, notApplicable) });
                    else
                        WriteLines(round, results, screen);
                }, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && last is not null)
        {
            // The orderly end.
        }

        return last!;
    }

    private static async Task RoundsAsync(
        ResumptionMatrix matrix, TimeSpan interval, Action<int, IReadOnlyList<PairResult>> told, CancellationToken cancellationToken)
    {
        for (var round = 1; ; round++)
        {
            var results = new List<PairResult>(matrix.Count);
            await foreach (var pair in matrix.RunAsync(cancellationToken))
                results.Add(pair);
            told(round, results);
            await Task.Delay(interval, cancellationToken);
        }
    }

    private static Rows Picture(int round, IReadOnlyList<PairResult> results, IReadOnlyList<string> notApplicable)
    {
        List<IRenderable> parts = [CostTable.Of(WaySummary.Of(results))];
        parts.AddRange(notApplicable.Select(note => new Text($"Not applicable: {note}.")));
        parts.AddRange(ProbeView.WhyNot(results).Select(line => new Text(Format.Plain(line))));
        parts.Add(new Text($"{Summary(round, results)} Ctrl-C ends it."));
        return new(parts);
    }

    private static void WriteLines(int round, IReadOnlyList<PairResult> results, Screen screen)
    {
        screen.Out.WriteLine(Summary(round, results));
        foreach (var line in ProbeView.WhyNot(results))
            screen.Out.WriteLine($"  {Format.Plain(line)}");
    }

    private static string Summary(int round, IReadOnlyList<PairResult> results)
    {
        var ways = WaySummary.Of(results).Where(way => way.TimeSaved is not null).ToList();
        var saved = ways.Count == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $" Full {ways.Average(way => way.FullCost!.Milliseconds):0.0} ms, resumed {ways.Average(way => way.ResumedCost!.Milliseconds):0.0} ms.");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{TimeProvider.System.GetUtcNow():HH:mm:ss}Z round {round}: {results.Count(pair => pair.Outcome == PairOutcome.Resumed)} of {results.Count} pairs resumed.{saved}");
    }
}
