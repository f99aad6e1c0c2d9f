using System.Globalization;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;
using Spectre.Console;

namespace Reprise.Cli.Keys;

/// <summary>Shows a rotation: a table that fills in a terminal, a line per event elsewhere, or JSON at the end.</summary>
internal abstract class RotationView
{
    public static RotationView For(Screen screen, bool json) =>
        json ? new AsJson(screen) : screen.Interactive ? new AsLiveTable(screen) : new AsLines(screen);

    /// <summary>Without <c>--wait</c>: it has begun.</summary>
    public abstract void Started(Rotation rotation);

    /// <summary>Runs <paramref name="follow"/> and shows what it reports until it ends.</summary>
    public abstract Task WatchAsync(Rotation rotation, Func<Action<RotateResponse>, Task> follow);

    private static string Milliseconds(double? value) =>
        value is { } ms ? string.Create(CultureInfo.InvariantCulture, $"{ms:0.0} ms") : "";

    private static string StartedText(Rotation rotation) =>
        $"Rotation started: epoch {rotation.Epoch} is staged at {rotation.Nodes.Count} nodes; the key service goes on by itself.";

    private static string DoneText(Rotation rotation) =>
        $"Epoch {rotation.Epoch} is active{(rotation.Complete is true ? " on all nodes" : "")}, "
        + $"{(rotation.Replaces > 0 ? $"in place of epoch {rotation.Replaces}, " : "")}after {Milliseconds(rotation.Milliseconds)}.";

    private sealed class AsLiveTable(Screen screen) : RotationView
    {
        public override void Started(Rotation rotation) => screen.Out.WriteLine(StartedText(rotation));

        public override async Task WatchAsync(Rotation rotation, Func<Action<RotateResponse>, Task> follow)
        {
            await screen.Console.Live(Table(rotation)).StartAsync(live => follow(_ =>
            {
                live.UpdateTarget(Table(rotation));
                live.Refresh();
            }));
            if (rotation.Complete is not null)
                screen.Out.WriteLine(DoneText(rotation));
        }

        private static Table Table(Rotation rotation)
        {
            var table = new Table().Border(TableBorder.Simple).Title($"Epoch {rotation.Epoch}")
                .AddColumns("node", "staged: acknowledged after", "activated: acknowledged after", "");
            foreach (var node in rotation.Nodes)
            {
                table.AddRow(
                    Markup.Escape(node.Name), Milliseconds(node.StagedMilliseconds), Milliseconds(node.ActivatedMilliseconds),
                    node.Lags is { } lags ? $"[red]{lags}[/]" : node.ActivatedMilliseconds is not null ? "[green]done[/]" : "...");
            }

            return table;
        }
    }

    private sealed class AsLines(Screen screen) : RotationView
    {
        public override void Started(Rotation rotation) => screen.Out.WriteLine(StartedText(rotation));

        public override Task WatchAsync(Rotation rotation, Func<Action<RotateResponse>, Task> follow) => follow(told =>
        {
            if (Line(rotation, told) is { } line)
                screen.Out.WriteLine(line);
        });

        private static string? Line(Rotation rotation, RotateResponse told) => told.ProgressCase switch
        {
            RotateResponse.ProgressOneofCase.Staged =>
                $"Staged epoch {rotation.Epoch} (generation {rotation.StagingGeneration}) at {string.Join(", ", told.Staged.Nodes)}",
            RotateResponse.ProgressOneofCase.Acknowledged =>
                $"  {told.Acknowledged.Node} acknowledged {Step(rotation, told.Acknowledged.Generation)} after {Milliseconds(told.Acknowledged.Milliseconds)}",
            RotateResponse.ProgressOneofCase.Laggard =>
                $"  {told.Laggard.Node} lags at {Step(rotation, told.Laggard.Generation)}: {rotation.Nodes.First(node => node.Name == told.Laggard.Node).Lags}",
            RotateResponse.ProgressOneofCase.Activated => string.Create(
                CultureInfo.InvariantCulture, $"Active from {rotation.ActivatesAt:yyyy-MM-ddTHH:mm:ss.fff}Z (generation {rotation.ActivationGeneration})"),
            RotateResponse.ProgressOneofCase.Done => DoneText(rotation),
            _ => null,
        };

        private static string Step(Rotation rotation, long generation) => generation == rotation.StagingGeneration ? "the staging" : "the activation";
    }

    private sealed class AsJson(Screen screen) : RotationView
    {
        public override void Started(Rotation rotation) => screen.WriteJson(new
        {
            epoch = rotation.Epoch,
            generation = rotation.StagingGeneration,
            nodes = rotation.Nodes.Select(node => node.Name),
        });

        public override async Task WatchAsync(Rotation rotation, Func<Action<RotateResponse>, Task> follow)
        {
            await follow(_ => { });
            screen.WriteJson(new
            {
                epoch = rotation.Epoch,
                replaces = rotation.Replaces,
                activatesAt = rotation.ActivatesAt,
                complete = rotation.Complete,
                milliseconds = rotation.Milliseconds,
                nodes = rotation.Nodes.Select(node => new
                {
                    name = node.Name,
                    stagedMilliseconds = node.StagedMilliseconds,
                    activatedMilliseconds = node.ActivatedMilliseconds,
                    lags = node.Lags,
                }),
            });
        }
    }
}
