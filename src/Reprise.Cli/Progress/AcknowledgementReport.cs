using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;
using Spectre.Console;

namespace Reprise.Cli.Progress;

/// <summary>How the nodes took a change: the same table, the same JSON and the same verdict for whatever was changed.</summary>
internal static class AcknowledgementReport
{
    public static string Reason(LaggardReason reason) => reason switch
    {
        LaggardReason.Deadline => "silent until the deadline",
        LaggardReason.Disconnected => "disconnected",
        _ => "did not acknowledge",
    };

    public static string Names(IReadOnlyCollection<string> nodes) => nodes.Count == 0 ? "no node" : string.Join(", ", nodes);

    public static Table Table(Acknowledgements told)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("node", "acknowledged after", "");
        foreach (var node in told.Nodes)
        {
            table.AddRow(
                Format.Cell(node.Node), node.HasMilliseconds ? Format.Milliseconds(node.Milliseconds) : "",
                Lags(told, node.Node) is { } lags ? $"[red]{lags}[/]" : "[green]done[/]");
        }

        return table;
    }

    /// <summary>As <c>on 3 of 3 nodes, after 4.2 ms</c>.</summary>
    public static string Count(Acknowledgements told) =>
        $"on {told.Nodes.Count - told.Laggards.Count} of {told.Nodes.Count} nodes, after {Format.Milliseconds(told.Milliseconds)}";

    public static object ToJson(Acknowledgements told) => told.Nodes.Select(node => new
    {
        name = node.Node,
        milliseconds = node.HasMilliseconds ? node.Milliseconds : (double?)null,
        lags = Lags(told, node.Node),
    });

    /// <summary>Done, unless a node has not said that it obeys.</summary>
    /// <param name="told">By the key service.</param>
    /// <param name="done">What stands in any case, as <c>purged</c>.</param>
    /// <exception cref="CliException">Names the laggards, with exit code 1.</exception>
    public static int Verdict(Acknowledgements told, string done) => Verdict(told.Laggards.Select(laggard => laggard.Node), done);

    /// <inheritdoc cref="Verdict(Acknowledgements, string)"/>
    public static int Verdict(IEnumerable<string> laggards, string done) => string.Join(", ", laggards) is { Length: > 0 } names
        ? throw new CliException($"{done}, but not acknowledged by {names}", ExitCode.Failed)
        : ExitCode.Done;

    private static string? Lags(Acknowledgements told, string node) =>
        told.Laggards.FirstOrDefault(laggard => laggard.Node == node) is { } laggard ? Reason(laggard.Reason) : null;
}
