using Reprise.Cli.Terminal;
using Spectre.Console;

namespace Reprise.Cli.Progress;

/// <summary>Shows a change as it is told: a table that fills in a terminal, a line per step elsewhere, or JSON at the end.</summary>
internal static class ProgressView
{
    /// <param name="change">Kept up to date here.</param>
    /// <param name="follow">Runs to the end of the change and calls back with each step.</param>
    /// <param name="screen">Where it is shown.</param>
    /// <param name="json">Nothing but JSON.</param>
    public static async Task WatchAsync<TStep>(ToldChange<TStep> change, Func<Action<TStep>, Task> follow, Screen screen, bool json)
    {
        if (json)
        {
            await follow(change.Apply);
            screen.WriteJson(change.ToJson());
            return;
        }

        if (screen.Interactive)
            await WatchTableAsync(change, follow, screen);
        else
            await WatchLinesAsync(change, follow, screen);
        if (change.Summary is { } summary)
            screen.Out.WriteLine(summary);
    }

    private static Task WatchTableAsync<TStep>(ToldChange<TStep> change, Func<Action<TStep>, Task> follow, Screen screen) =>
        screen.Console.Live(change.Table()).StartAsync(live => follow(step =>
        {
            change.Apply(step);
            live.UpdateTarget(change.Table());
            live.Refresh();
        }));

    private static Task WatchLinesAsync<TStep>(ToldChange<TStep> change, Func<Action<TStep>, Task> follow, Screen screen)
    {
        var told = new HashSet<string>(); // a key service that goes on begins with what is known
        return follow(step =>
        {
            change.Apply(step);
            if (change.Line(step) is { } line && told.Add(line))
                screen.Out.WriteLine(line);
        });
    }
}
