using Reprise.Cli.Progress;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Keys;

/// <summary>A rotation as far as it has been told.</summary>
internal sealed partial class Rotation : ToldChange<RotateResponse>
{
    private readonly SortedDictionary<string, NodeProgress> _nodes = new(StringComparer.Ordinal);

    public long Epoch { get; private set; }

    public long StagingGeneration { get; private set; }

    public long ActivationGeneration { get; private set; }

    public long Replaces { get; private set; }

    public DateTimeOffset? ActivatesAt { get; private set; }

    public double? Milliseconds { get; private set; }

    /// <summary>Whether all live nodes acknowledged everything; null while that is open.</summary>
    public bool? Complete { get; private set; }

    public IReadOnlyCollection<NodeProgress> Nodes => _nodes.Values;

    public IEnumerable<string> Laggards => _nodes.Values.Where(node => node.Lags is not null).Select(node => node.Name);

    public override void Apply(RotateResponse told)
    {
        switch (told.ProgressCase)
        {
            case RotateResponse.ProgressOneofCase.Staged:
                (Epoch, StagingGeneration) = (told.Staged.Epoch, told.Staged.Generation);
                foreach (var name in told.Staged.Nodes)
                    Node(name);
                break;
            case RotateResponse.ProgressOneofCase.Acknowledged:
                Acknowledge(told.Acknowledged);
                break;
            case RotateResponse.ProgressOneofCase.Laggard:
                Node(told.Laggard.Node).Lags = AcknowledgementReport.Reason(told.Laggard.Reason);
                break;
            case RotateResponse.ProgressOneofCase.Activated:
                (ActivationGeneration, Replaces) = (told.Activated.Generation, told.Activated.Replaces);
                ActivatesAt = told.Activated.ActivatesAt.ToDateTimeOffset();
                break;
            case RotateResponse.ProgressOneofCase.Done:
                Finish(told.Done);
                break;
        }
    }

    private void Acknowledge(RotateResponse.Types.Acknowledged told)
    {
        var node = Node(told.Node);
        if (told.Generation == StagingGeneration)
            node.StagedMilliseconds = told.Milliseconds;
        else
            node.ActivatedMilliseconds = told.Milliseconds;
    }

    // The report at the end is the service's last word, also on nodes that caught up after they were called laggards.
    private void Finish(RotateResponse.Types.Done told)
    {
        (Milliseconds, Complete) = (told.Milliseconds, told.Complete);
        foreach (var report in told.Nodes)
        {
            var node = Node(report.Node);
            node.StagedMilliseconds = report.HasStagedMilliseconds ? report.StagedMilliseconds : null;
            node.ActivatedMilliseconds = report.HasActivatedMilliseconds ? report.ActivatedMilliseconds : null;
            if (node.ActivatedMilliseconds is null)
                node.Lags ??= AcknowledgementReport.Reason(LaggardReason.Unspecified);
        }
    }

    private NodeProgress Node(string name)
    {
        if (!_nodes.TryGetValue(name, out var node))
            _nodes.Add(name, node = new(name));
        return node;
    }

    /// <summary>One node: milliseconds to its acknowledgements, and why it lags, if it does.</summary>
    internal sealed class NodeProgress(string name)
    {
        public string Name { get; } = name;

        public double? StagedMilliseconds { get; set; }

        public double? ActivatedMilliseconds { get; set; }

        public string? Lags { get; set; }
    }
}
