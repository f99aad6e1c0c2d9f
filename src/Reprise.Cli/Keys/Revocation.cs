using Reprise.Cli.Progress;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;
using Spectre.Console;

namespace Reprise.Cli.Keys;

/// <summary>A revocation as far as it has been told. Of the active epoch it begins with the staging of a successor.</summary>
internal sealed class Revocation(long epoch) : ToldChange<RevokeResponse>
{
    private readonly SortedDictionary<string, NodeProgress> _nodes = new(StringComparer.Ordinal);
    private RevokeResponse.Types.Revoked? _revoked;
    private RotateResponse.Types.Staged? _staged;

    /// <summary>Null while it goes on.</summary>
    public RevokeResponse.Types.Done? Done { get; private set; }

    /// <inheritdoc/>
    public override string? Summary => Done is null
        ? null
        : $"Epoch {epoch} is destroyed {AcknowledgementReport.Count(Done.Acknowledgements)}, {Format.Milliseconds(Done.Milliseconds)} after the call.{Sealing}";

    private string Sealing => _revoked switch
    {
        null => "",
        { Sealing: > 0 } => $" Epoch {_revoked.Sealing} seals now.",
        _ => " No epoch seals now.",
    };

    /// <inheritdoc/>
    public override void Apply(RevokeResponse step)
    {
        switch (step.ProgressCase)
        {
            case RevokeResponse.ProgressOneofCase.Staged:
                _staged = step.Staged;
                foreach (var name in step.Staged.Nodes)
                    Node(name);
                break;
            case RevokeResponse.ProgressOneofCase.Acknowledged when step.Acknowledged.Generation == _staged?.Generation:
                Node(step.Acknowledged.Node).Staged = step.Acknowledged.Milliseconds;
                break;
            case RevokeResponse.ProgressOneofCase.Acknowledged:
                Node(step.Acknowledged.Node).Revoked = step.Acknowledged.Milliseconds;
                break;
            case RevokeResponse.ProgressOneofCase.Laggard when step.Laggard.Generation != _staged?.Generation:
                Node(step.Laggard.Node).Lags = AcknowledgementReport.Reason(step.Laggard.Reason);
                break;
            case RevokeResponse.ProgressOneofCase.Revoked:
                _revoked = step.Revoked;
                break;
            case RevokeResponse.ProgressOneofCase.Done:
                Finish(step.Done);
                break;
        }
    }

    /// <inheritdoc/>
    public override string? Line(RevokeResponse step) => step.ProgressCase switch
    {
        RevokeResponse.ProgressOneofCase.Staged => $"Staged epoch {step.Staged.Epoch}, which takes its place, at {AcknowledgementReport.Names(step.Staged.Nodes)}",
        RevokeResponse.ProgressOneofCase.Acknowledged =>
            $"  {step.Acknowledged.Node} acknowledged {Step(step.Acknowledged.Generation)} after {Format.Milliseconds(step.Acknowledged.Milliseconds)}",
        RevokeResponse.ProgressOneofCase.Laggard =>
            $"  {step.Laggard.Node} lags at {Step(step.Laggard.Generation)}: {AcknowledgementReport.Reason(step.Laggard.Reason)}",
        RevokeResponse.ProgressOneofCase.Revoked =>
            $"Revoked epoch {step.Revoked.Epoch} (generation {step.Revoked.Generation}){(step.Revoked.Purge > 0 ? ", and purged all stored sessions" : "")}",
        _ => null,
    };

    /// <inheritdoc/>
    public override Table Table()
    {
        var table = new Table().Border(TableBorder.Simple).Title($"Revocation of epoch {epoch}").AddColumn("node");
        if (_staged is not null)
            table.AddColumn($"epoch {_staged.Epoch}: acknowledged after");
        table.AddColumns("revocation: acknowledged after", "");
        foreach (var (name, node) in _nodes)
        {
            string[] cells =
            [
                Format.Cell(name), .. _staged is null ? [] : new[] { Format.Milliseconds(node.Staged) }, Format.Milliseconds(node.Revoked),
                node.Lags is { } lags ? $"[red]{lags}[/]" : node.Revoked is not null ? "[green]done[/]" : "...",
            ];
            table.AddRow(cells);
        }

        return table;
    }

    /// <inheritdoc/>
    public override object ToJson() => new
    {
        epoch,
        generation = Done?.Generation,
        sealing = _revoked?.Sealing,
        successor = _staged?.Epoch,
        purge = _revoked is { Purge: > 0 } revoked ? revoked.Purge : (long?)null,
        complete = Done is null ? (bool?)null : Done.Acknowledgements.Laggards.Count == 0,
        milliseconds = Done?.Milliseconds,
        acknowledgedMilliseconds = Done?.Acknowledgements.Milliseconds,
        nodes = Done is null ? null : AcknowledgementReport.ToJson(Done.Acknowledgements),
    };

    // The report at the end is the service's last word, also on nodes that caught up after they were called laggards.
    private void Finish(RevokeResponse.Types.Done told)
    {
        Done = told;
        Done.Acknowledgements ??= new();
        foreach (var report in Done.Acknowledgements.Nodes)
            (Node(report.Node).Revoked, Node(report.Node).Lags) = (report.HasMilliseconds ? report.Milliseconds : null, null);
        foreach (var laggard in Done.Acknowledgements.Laggards)
            Node(laggard.Node).Lags = AcknowledgementReport.Reason(laggard.Reason);
    }

    private NodeProgress Node(string name)
    {
        if (!_nodes.TryGetValue(name, out var node))
            _nodes.Add(name, node = new());
        return node;
    }

    private string Step(long generation) => generation == _staged?.Generation ? $"epoch {_staged.Epoch}" : "the revocation";

    private sealed class NodeProgress
    {
        public double? Staged { get; set; }

        public double? Revoked { get; set; }

        public string? Lags { get; set; }
    }
}
