using Google.Protobuf.WellKnownTypes;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Orders;

namespace Reprise.KeyService.Rotation;

/// <summary>
/// One rotation: stage, wait, activate, wait. It tells each step when it has happened, and only what has. Where an epoch is
/// staged already, by a rotation that failed or whose key service died, it goes on with that one.
/// </summary>
internal sealed class RotationRun(
    EpochKeeper epochs, NodeRegistry nodes, AcknowledgementWait acknowledgements, RotationOptions options, TimeProvider time, KeyServiceMetrics metrics, Steps<RotateResponse> steps)
{
    // Every node that was live at some time, by name; what it has acknowledged so far.
    private readonly SortedDictionary<string, RotateResponse.Types.NodeReport> _reports = new(StringComparer.Ordinal);
    private readonly HashSet<string> _laggards = new(StringComparer.Ordinal);
    private Publication _staging;
    private Publication? _activation;

    public async Task<RotateResponse.Types.Done> RunAsync(Order order, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var epoch = await StageAsync(order, cancel);
        await AcknowledgedAsync(_staging, cancel);
        var activatesAt = await ActivateAsync(epoch, cancel);
        await AcknowledgedAsync(_activation!.Value, cancel);
        // Only then is it true that new tickets come under the new epoch.
        while (activatesAt > time.GetUtcNow())
        {
            await time.DelayUntilAsync(activatesAt, nodes.Changed, cancel);
            cancel.ThrowIfCancellationRequested();
        }

        Note(acknowledgements.Snapshot());
        var done = new RotateResponse.Types.Done
        {
            Epoch = epoch,
            Nodes = { _reports.Values },
            Milliseconds = time.GetElapsedTime(started).TotalMilliseconds,
            Complete = _laggards.Count == 0,
        };
        steps.Tell(new() { Done = done });
        return done;
    }

    private async Task<long> StageAsync(Order order, CancellationToken cancel)
    {
        var published = time.GetTimestamp();
        var ledger = await epochs.ChangeAsync((ledger, now) =>
        {
            // An operator is told that there are too many; what goes on by itself must not come to an end by that.
            var mustNotFail = order == Order.Schedule || ledger.RotationWanted || ledger.Active is not { Condemned: false };
            var staged = ledger.Staged is null ? ledger.Stage(now, epochs.Lives, EpochSecret.Create(), mustNotFail) : ledger;
            return staged.Note(order.ToCommand(Rotator.Operation, staged.Staged!.Number, now), now);
        }, cancel);
        var epoch = ledger.Staged!.Number;
        _staging = new Publication(ledger.Generation, published);
        var live = acknowledgements.Snapshot().Where(node => node.Live).Select(node => node.Name);
        steps.Tell(new() { Staged = new() { Generation = ledger.Generation, Epoch = epoch, Nodes = { live } } });
        return epoch;
    }

    private async Task<DateTimeOffset> ActivateAsync(long epoch, CancellationToken cancel)
    {
        var replaces = 0L;
        var published = time.GetTimestamp();
        var ledger = await epochs.ChangeAsync((ledger, now) =>
        {
            if (ledger.Staged?.Number != epoch)
                throw new RotationRevokedException(epoch);
            replaces = ledger.Active?.Number ?? 0;
            return ledger.Activate(now, now + options.ActivationDelay, epochs.Lives);
        }, cancel);
        var activatesAt = ledger.Find(epoch)!.ActivatesAt!.Value;
        _activation = new Publication(ledger.Generation, published);
        steps.Tell(new() { Activated = new() { Epoch = epoch, ActivatesAt = activatesAt.ToTimestamp(), Generation = ledger.Generation, Replaces = replaces } });
        return activatesAt;
    }

    // Until every live node has acknowledged, or the deadline. Then names those that have not.
    private async Task AcknowledgedAsync(Publication publication, CancellationToken cancel)
    {
        // Who was silent at staging does not hold up the rotation a second time.
        var hopeless = new HashSet<string>(_laggards, StringComparer.Ordinal);
        await acknowledgements.UntilAsync(publication.Generation, HurriedAsync, hopeless, Note, cancel);
        var status = acknowledgements.Snapshot().ToDictionary(node => node.Name);
        foreach (var name in _reports.Keys.ToList())
        {
            if (!status.TryGetValue(name, out var node))
            {
                // Removed meanwhile: it has no part in it any more.
                _reports.Remove(name);
                _laggards.Remove(name);
                continue;
            }

            if (node.AcknowledgedGeneration >= publication.Generation)
                continue;
            _laggards.Add(name);
            steps.Tell(new() { Laggard = new() { Node = name, Generation = publication.Generation, Reason = AcknowledgementWait.WhyLate(node) } });
        }
    }

    // A revocation of the active epoch does not wait as long as a rotation does; and what is staged may itself be revoked.
    private async Task HurriedAsync(CancellationToken cancel)
    {
        while (true)
        {
            var changed = epochs.Changed;
            var ledger = epochs.Current;
            if (_activation is null && ledger.Staged is null)
                return;
            if (ledger.Active is { Condemned: true })
                break;
            await changed.WaitAsync(cancel);
        }

        if (_activation is null)
            await Task.Delay(options.RevokeTimeout, time, cancel);
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

    private void Acknowledged(NodeStatus node, Publication publication, double milliseconds)
    {
        metrics.Acknowledged(TimeSpan.FromMilliseconds(milliseconds));
        steps.Tell(new() { Acknowledged = new() { Node = node.Name, Milliseconds = milliseconds, Generation = publication.Generation } });
    }

    private double? Milliseconds(NodeStatus node, Publication publication) =>
        acknowledgements.Milliseconds(node, publication.Generation, publication.Published);

    private readonly record struct Publication(long Generation, long Published);
}
