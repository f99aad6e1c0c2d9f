using System.Globalization;
using Reprise.Cli.Progress;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;
using Spectre.Console;

namespace Reprise.Cli.Keys;

/// <content>How it is shown.</content>
internal sealed partial class Rotation
{
    /// <inheritdoc/>
    public override string? Summary => Complete is null
        ? null
        : $"Epoch {Epoch} is active{(Complete is true ? " on all nodes" : "")}, "
            + $"{(Replaces > 0 ? $"in place of epoch {Replaces}, " : "")}after {Format.Milliseconds(Milliseconds)}.";

    /// <inheritdoc/>
    public override string? Line(RotateResponse step) => step.ProgressCase switch
    {
        RotateResponse.ProgressOneofCase.Staged => $"Staged epoch {Epoch} (generation {StagingGeneration}) at {AcknowledgementReport.Names(step.Staged.Nodes)}",
        RotateResponse.ProgressOneofCase.Acknowledged =>
            $"  {step.Acknowledged.Node} acknowledged {Step(step.Acknowledged.Generation)} after {Format.Milliseconds(step.Acknowledged.Milliseconds)}",
        RotateResponse.ProgressOneofCase.Laggard => $"  {step.Laggard.Node} lags at {Step(step.Laggard.Generation)}: {Node(step.Laggard.Node).Lags}",
        RotateResponse.ProgressOneofCase.Activated => string.Create(
            CultureInfo.InvariantCulture, $"Active from {ActivatesAt:yyyy-MM-ddTHH:mm:ss.fff}Z (generation {ActivationGeneration})"),
        _ => null,
    };

    /// <inheritdoc/>
    public override Table Table()
    {
        var table = new Table().Border(TableBorder.Simple).Title($"Epoch {Epoch}")
            .AddColumns("node", "staged: acknowledged after", "activated: acknowledged after", "");
        foreach (var node in Nodes)
        {
            table.AddRow(
                Format.Cell(node.Name), Format.Milliseconds(node.StagedMilliseconds), Format.Milliseconds(node.ActivatedMilliseconds),
                node.Lags is { } lags ? $"[red]{lags}[/]" : node.ActivatedMilliseconds is not null ? "[green]done[/]" : "...");
        }

        return table;
    }

    /// <inheritdoc/>
    public override object ToJson() => new
    {
        epoch = Epoch,
        replaces = Replaces,
        activatesAt = ActivatesAt,
        complete = Complete,
        milliseconds = Milliseconds,
        nodes = Nodes.Select(node => new
        {
            name = node.Name,
            stagedMilliseconds = node.StagedMilliseconds,
            activatedMilliseconds = node.ActivatedMilliseconds,
            lags = node.Lags,
        }),
    };

    private string Step(long generation) => generation == StagingGeneration ? "the staging" : "the activation";
}
