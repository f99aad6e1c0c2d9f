using Reprise.Cli.Demo.Load;
using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Terminal;
using Spectre.Console;

namespace Reprise.Cli.Demo;

/// <summary>Tells the story: to people line by line as it happens, to scripts a JSON line for each step when it is over.</summary>
internal sealed class Telling(Screen screen, bool json)
{
    private int _number;

    /// <summary>Whether there is somebody at a terminal who could be asked to do something.</summary>
    public bool HasListener => screen.Interactive && !json;

    /// <summary>What the operator is to do now; on stderr where the story is for scripts.</summary>
    public void Ask(string what) => (json ? screen.Error : screen.Out).WriteLine($"   > {Format.Plain(what)}");

    public void Begin(IDemoStep step)
    {
        _number++;
        if (!json)
            screen.Console.MarkupLineInterpolated($"\n[bold]{_number}. {step.Title}[/]");
    }

    public void Line(string text)
    {
        if (!json)
            screen.Out.WriteLine($"   {Format.Plain(text)}");
    }

    public void End(IDemoStep step, StepReport report)
    {
        if (json)
        {
            screen.WriteJsonLine(new
            {
                step = step.Name,
                outcome = report.Outcome,
                told = report.Told,
                facts = report.Facts,
                load = report.Load?.ToJson(),
            });
            return;
        }

        if (report.Load is { } load)
        {
            Line($"clients, stateful:  {load.Of(ResumptionMode.Stateful)}");
            Line($"clients, stateless: {load.Of(ResumptionMode.Stateless)}");
        }

        var (colour, word) = report.Outcome switch
        {
            StepOutcome.AsExpected => ("green", "As it should:"),
            StepOutcome.NotAsExpected => ("red", "NOT as it should:"),
            _ => ("yellow", "Left out:"),
        };
        if (screen.Interactive)
            screen.Console.MarkupLine($"   [{colour}]{word}[/] {Markup.Escape(Format.Plain(report.Told))}");
        else
            Line($"{word} {report.Told}"); // in one line, however long
    }

    public void Summary(IReadOnlyList<StepReport> steps, LoadTally load, string? lastFailure)
    {
        var (held, broke, left) = (Count(StepOutcome.AsExpected), Count(StepOutcome.NotAsExpected), Count(StepOutcome.LeftOut));
        if (json)
        {
            screen.WriteJsonLine(new { step = "end", asExpected = held, notAsExpected = broke, leftOut = left, load = load.ToJson(), lastFailure });
            return;
        }

        screen.Out.WriteLine();
        screen.Out.WriteLine($"{held} of {steps.Count} steps went as they should, {broke} did not, {left} left out.");
        screen.Out.WriteLine($"The load in all: {load.All}.{(lastFailure is null ? "" : $" Last failure: {Format.Plain(lastFailure)}")}");

        int Count(StepOutcome outcome) => steps.Count(step => step.Outcome == outcome);
    }
}
