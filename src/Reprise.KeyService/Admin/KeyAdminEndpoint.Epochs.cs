using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Revocation;
using Reprise.KeyService.Rotation;
using EpochState = Reprise.Core.Keys.EpochState;

namespace Reprise.KeyService.Admin;

// Rotate, Revoke, List.
internal sealed partial class KeyAdminEndpoint
{
    public override async Task Rotate(RotateRequest request, IServerStreamWriter<RotateResponse> responseStream, ServerCallContext context)
    {
        var order = Begin(context, request.IdempotencyKey, Rotator.Operation, out var before);
        var steps = rotator.Find(order)?.Steps;
        if (steps is null && before is not null && epochs.Current.Find(before.Subject) is not { State: EpochState.Staged })
        {
            await ReportAsync(before.Subject, responseStream, context.CancellationToken);
            return;
        }

        if (steps is null)
        {
            if (before is null)
                RequireSpacing();
            // Where a key service before this one has staged it for this caller, whoever goes on with it here is doing what was asked.
            if (!rotator.TryStart(order, out var rotation) && before is null)
                throw AdminError.RotationRunning(rotation.Order.By);
            steps = rotation.Steps;
        }

        await RelayAsync(steps, responseStream, context);
    }

    public override async Task Revoke(RevokeRequest request, IServerStreamWriter<RevokeResponse> responseStream, ServerCallContext context)
    {
        if (request.Epoch <= 0)
            throw AdminError.Invalid("name the number of an epoch; see List");
        var order = Begin(context, request.IdempotencyKey, RevocationRun.Operation(request.Epoch, request.PurgeSessions), out var before);
        if (before is null)
        {
            var epoch = epochs.Current.Find(request.Epoch) ?? throw AdminError.NotFound($"there is no epoch {request.Epoch}; see List");
            if (epoch.State is EpochState.Destroyed)
                throw AdminError.AlreadyDestroyed(request.Epoch);
        }

        await RelayAsync(revoker.Start(request.Epoch, request.PurgeSessions, order, before?.Subject), responseStream, context);
    }

    public override Task<ListResponse> List(ListRequest request, ServerCallContext context)
    {
        var now = time.GetUtcNow();
        var ledger = epochs.Current;
        var known = nodes.Snapshot();
        var sealing = ledger.SealingAt(now)?.Number;
        return Task.FromResult(new ListResponse
        {
            Service = options.Value.Name,
            Leader = store.Leader?.Name ?? "",
            Generation = ledger.Generation,
            Epochs = { ledger.Epochs.Select(epoch => Describe(epoch, epoch.Number == sealing, known)) },
            Now = now.ToTimestamp(),
            Purges = { ledger.Purges.ToWire() },
            Switches = { ledger.Switches.ToWire() },
        });
    }

    private void RequireSpacing()
    {
        var spacing = rotationOptions.Value.MinimumSpacing;
        var left = epochs.Current.Active?.ActivatesAt + spacing - time.GetUtcNow();
        // More than the spacing is left where a clock was set back.
        if (left > TimeSpan.Zero && left <= spacing && epochs.Current.KnowsFrom != epochs.Current.Active!.Number)
            throw AdminError.TooSoon(left.Value, spacing);
    }

    // A rotation that was carried out by a key service before this one, or longer ago than is remembered step by step.
    private async Task ReportAsync(long epoch, IServerStreamWriter<RotateResponse> stream, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var generation = epochs.Current.Generation;
        var done = new RotateResponse.Types.Done { Epoch = epoch };
        var report = await acknowledgements.ReportAsync(generation, started, cancel);
        foreach (var node in report.Nodes)
        {
            var each = new RotateResponse.Types.NodeReport { Node = node.Node };
            if (node.HasMilliseconds)
                each.ActivatedMilliseconds = each.StagedMilliseconds = node.Milliseconds;
            done.Nodes.Add(each);
        }

        foreach (var laggard in report.Laggards)
            await stream.WriteAsync(new() { Laggard = new() { Node = laggard.Node, Generation = generation, Reason = laggard.Reason } }, cancel);
        done.Complete = report.Laggards.Count == 0;
        done.Milliseconds = report.Milliseconds;
        await stream.WriteAsync(new() { Done = done }, cancel);
    }

    /// <summary>As operators are told of it.</summary>
    internal static EpochMetadata Describe(Core.Keys.Epoch epoch, bool sealing, IReadOnlyList<NodeStatus> known)
    {
        var uses = known.SelectMany(node => node.Uses).Where(use => use.Epoch == epoch.Number).ToList();
        return new EpochMetadata
        {
            Number = epoch.Number,
            State = epoch.State.ToWire(),
            CreatedAt = epoch.CreatedAt.ToTimestamp(),
            ActivatesAt = epoch.ActivatesAt?.ToTimestamp(),
            SealUntil = epoch.SealUntil?.ToTimestamp(),
            OpenUntil = epoch.OpenUntil?.ToTimestamp(),
            Seals = uses.Sum(use => use.Seals),
            Opens = uses.Sum(use => use.Opens),
            RecentOpens = known.Where(node => node.Live).SelectMany(node => node.RecentUses).Where(use => use.Epoch == epoch.Number).Sum(use => use.Opens),
            Sealing = sealing,
            Condemned = epoch.Condemned,
        };
    }
}
