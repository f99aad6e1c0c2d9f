using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Rotation;

namespace Reprise.KeyService.Nodes;

/// <summary>Waits for the live nodes to acknowledge a generation.</summary>
internal sealed class AcknowledgementWait(EpochKeeper epochs, NodeRegistry nodes, IOptions<RotationOptions> options, TimeProvider time)
{
    /// <summary>The nodes that count: not those that were removed, whose streams other key services may not have cut yet.</summary>
    public IReadOnlyList<NodeStatus> Snapshot()
    {
        var ledger = epochs.Current;
        return [.. nodes.Snapshot().Where(node => !ledger.IsRemoved(node.Serial))];
    }

    /// <summary>Until every live node has acknowledged, or the deadline.</summary>
    /// <param name="generation">What they are to acknowledge.</param>
    /// <param name="deadline">Its completion ends the waiting; null: <see cref="RotationOptions.AcknowledgeTimeout"/>.</param>
    /// <param name="except">Nodes that are not waited for.</param>
    /// <param name="note">Called with each snapshot, the last one too.</param>
    /// <param name="cancellationToken">Ends the waiting with an exception.</param>
    public async Task UntilAsync(
        long generation, Func<CancellationToken, Task>? deadline, IReadOnlySet<string> except, Action<IReadOnlyList<NodeStatus>> note, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var end = Task.WhenAny(Task.Delay(options.Value.AcknowledgeTimeout, time, waiting.Token), deadline?.Invoke(waiting.Token) ?? new TaskCompletionSource().Task);
        while (true)
        {
            var changed = nodes.Changed;
            var snapshot = Snapshot();
            note(snapshot);
            if (end.IsCompleted || !snapshot.Any(node => node.Live && !except.Contains(node.Name) && node.AcknowledgedGeneration < generation))
                break;
            await Task.WhenAny(changed, end);
            cancellationToken.ThrowIfCancellationRequested();
        }

        await waiting.CancelAsync();
    }

    /// <summary>The same, and reports: of every node that was live at some time, whether it did and after how long.</summary>
    /// <param name="generation">What they are to acknowledge.</param>
    /// <param name="published">Timestamp of its publication.</param>
    /// <param name="cancellationToken">Ends the waiting with an exception.</param>
    /// <param name="acknowledged">Called for each acknowledgement as it comes: node, and milliseconds.</param>
    public async Task<Acknowledgements> ReportAsync(
        long generation, long published, CancellationToken cancellationToken, Action<string, double>? acknowledged = null)
    {
        var seen = new SortedDictionary<string, NodeStatus>(StringComparer.Ordinal);
        await UntilAsync(generation, null, new HashSet<string>(), snapshot =>
        {
            foreach (var node in snapshot.Where(node => node.Live || seen.ContainsKey(node.Name)))
            {
                if (acknowledged is not null && !(seen.GetValueOrDefault(node.Name)?.AcknowledgedGeneration >= generation) && Milliseconds(node, generation, published) is { } after)
                    acknowledged(node.Name, after);
                seen[node.Name] = node;
            }
        }, cancellationToken);
        var report = new Acknowledgements { Milliseconds = time.GetElapsedTime(published).TotalMilliseconds };
        foreach (var node in seen.Values)
        {
            var each = new Acknowledgements.Types.NodeReport { Node = node.Name };
            if (Milliseconds(node, generation, published) is { } after)
                each.Milliseconds = after;
            else
                report.Laggards.Add(new Acknowledgements.Types.Laggard { Node = node.Name, Reason = WhyLate(node) });
            report.Nodes.Add(each);
        }

        return report;
    }

    /// <summary>From publication to the node's acknowledgement, or null.</summary>
    public double? Milliseconds(NodeStatus node, long generation, long published) =>
        node.AcknowledgedAt(generation) is { } at ? Math.Max(0, time.GetElapsedTime(published, at).TotalMilliseconds) : null;

    public static LaggardReason WhyLate(NodeStatus node) => node.Live ? LaggardReason.Deadline : LaggardReason.Disconnected;
}
