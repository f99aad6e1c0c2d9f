using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Nodes;

namespace Reprise.KeyService.Rotation;

/// <summary>One rotation: stage, wait, activate, wait. It tells each step when it has happened, and only what has.</summary>
internal sealed class RotationRun(
    EpochKeeper epochs, NodeRegistry nodes, RotationOptions options, TimeProvider time, KeyServiceMetrics metrics, ChannelWriter<RotateResponse> steps)
{
    // Every node that was live at some time, by name; what it has acknowledged so far.
    private readonly SortedDictionary<string, RotateResponse.Types.NodeReport> _reports = new(StringComparer.Ordinal);
    private readonly HashSet<string> _laggards = new(StringComparer.Ordinal);
    private Publication _staging;
    private Publication? _activation;

    public async Task<RotateResponse.Types.Done> RunAsync(CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var ledger = epochs.Stage();
        var epoch = ledger.Staged!.Number;
        _staging = new Publication(ledger.Generation, started);
        var live = nodes.Snapshot().Where(node => node.Live).Select(node => node.Name);
        Tell(new() { Staged = new() { Generation = ledger.Generation, Epoch = epoch, Nodes = { live } } });
        await AcknowledgedAsync(_staging, cancel);

        var replaces = ledger.Active?.Number ?? 0;
        var published = time.GetTimestamp();
        ledger = epochs.Activate(options.ActivationDelay);
        var activatesAt = ledger.Active!.ActivatesAt!.Value;
        _activation = new Publication(ledger.Generation, published);
        Tell(new() { Activated = new() { Epoch = epoch, ActivatesAt = activatesAt.ToTimestamp(), Generation = ledger.Generation, Replaces = replaces } });
        await AcknowledgedAsync(_activation.Value, cancel);
        // Only then is it true that new tickets come under the new epoch.
        while (activatesAt > time.GetUtcNow())
        {
            await time.DelayUntilAsync(activatesAt, nodes.Changed, cancel);
            cancel.ThrowIfCancellationRequested();
        }

        Note(nodes.Snapshot());
        var done = new RotateResponse.Types.Done
        {
            Epoch = epoch,
            Nodes = { _reports.Values },
            Milliseconds = time.GetElapsedTime(started).TotalMilliseconds,
            Complete = _laggards.Count == 0,
        };
        Tell(new() { Done = done });
        return done;
    }

    // Until every live node has acknowledged, or the deadline. Then names those that have not.
    private async Task AcknowledgedAsync(Publication publication, CancellationToken cancel)
    {
        var hopeless = new HashSet<string>(_laggards, StringComparer.Ordinal);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var deadline = Task.Delay(options.AcknowledgeTimeout, time, waiting.Token);
        while (true)
        {
            var changed = nodes.Changed;
            var snapshot = nodes.Snapshot();
            Note(snapshot);
            // Who was silent at staging does not hold up the rotation a second time.
            var awaited = snapshot.Any(node => node.Live && !hopeless.Contains(node.Name) && !Has(node, publication));
            if (!awaited || deadline.IsCompleted)
                break;
            await Task.WhenAny(changed, deadline);
            cancel.ThrowIfCancellationRequested();
        }

        await waiting.CancelAsync();
        NameLaggards(publication);
    }

    private void Note(IReadOnlyList<NodeStatus> snapshot)
    {
        foreach (var node in snapshot)
        {
            if (!_reports.TryGetValue(node.Name, out var report))
            {
                // Nodes that were gone before the rotation have no part in it.
                if (!node.Live)
                    continue;
                _reports.Add(node.Name, report = new() { Node = node.Name });
            }

            if (!report.HasStagedMilliseconds && Milliseconds(node, _staging) is { } staged)
            {
                report.StagedMilliseconds = staged;
                Acknowledged(node, _staging, staged);
            }

            if (_activation is { } activation && !report.HasActivatedMilliseconds && Milliseconds(node, activation) is { } activated)
            {
                report.ActivatedMilliseconds = activated;
                Acknowledged(node, activation, activated);
            }
        }
    }

    private void NameLaggards(Publication publication)
    {
        var status = nodes.Snapshot().ToDictionary(node => node.Name);
        foreach (var name in _reports.Keys)
        {
            var node = status[name];
            if (Has(node, publication))
                continue;
            _laggards.Add(name);
            var reason = node.Live ? LaggardReason.Deadline : LaggardReason.Disconnected;
            Tell(new() { Laggard = new() { Node = name, Generation = publication.Generation, Reason = reason } });
        }
    }

    private void Acknowledged(NodeStatus node, Publication publication, double milliseconds)
    {
        metrics.Acknowledged(TimeSpan.FromMilliseconds(milliseconds));
        Tell(new() { Acknowledged = new() { Node = node.Name, Milliseconds = milliseconds, Generation = publication.Generation } });
    }

    private static bool Has(NodeStatus node, Publication publication) => node.AcknowledgedGeneration >= publication.Generation;

    private double? Milliseconds(NodeStatus node, Publication publication) =>
        node.AcknowledgedAt(publication.Generation) is { } at ? Math.Max(0, time.GetElapsedTime(publication.Published, at).TotalMilliseconds) : null;

    private void Tell(RotateResponse step) => steps.TryWrite(step);

    private readonly record struct Publication(long Generation, long Published);
}
