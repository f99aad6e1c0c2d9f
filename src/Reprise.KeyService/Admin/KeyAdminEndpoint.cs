using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Hosting;
using Reprise.KeyService.Identity;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Purges;
using Reprise.KeyService.Rotation;

namespace Reprise.KeyService.Admin;

/// <summary><c>KeyAdmin</c>. Nothing here ever touches a secret.</summary>
internal sealed class KeyAdminEndpoint(
    Rotator rotator, Purger purger, EpochKeeper epochs, NodeRegistry nodes, IOptions<KeyServiceOptions> options, TimeProvider time) : KeyAdmin.KeyAdminBase
{
    public override async Task Rotate(RotateRequest request, IServerStreamWriter<RotateResponse> responseStream, ServerCallContext context)
    {
        if (!rotator.TryStart(RoleInterceptor.Caller(context).ToString(), out var progress, out var runningFor))
            throw new RpcException(new Status(StatusCode.Aborted, $"a rotation for {runningFor} is running"));
        try
        {
            await foreach (var step in progress.ReadAllAsync(context.CancellationToken))
                await responseStream.WriteAsync(step, context.CancellationToken);
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "the key service stops; the rotation was not finished"));
        }
    }

    public override async Task<PurgeSessionsResponse> PurgeSessions(PurgeSessionsRequest request, ServerCallContext context)
    {
        var profile = request.TargetCase switch
        {
            PurgeSessionsRequest.TargetOneofCase.Profile when request.Profile.Length > 0 => request.Profile,
            PurgeSessionsRequest.TargetOneofCase.All when request.All => PurgeNumbers.AllProfiles,
            _ => throw new RpcException(new Status(StatusCode.InvalidArgument, "name a profile, or all")),
        };
        if (profile != PurgeNumbers.AllProfiles && !nodes.Snapshot().Any(node => node.Live && node.Profiles.Any(served => served.Name == profile)))
            throw new RpcException(new Status(StatusCode.NotFound, "no live node serves a profile of this name; see the nodes' profiles in List"));
        return await purger.PurgeAsync(profile, RoleInterceptor.Caller(context).ToString(), context.CancellationToken);
    }

    public override Task<ListResponse> List(ListRequest request, ServerCallContext context)
    {
        var now = time.GetUtcNow();
        var ledger = epochs.Current;
        var known = nodes.Snapshot();
        var sealing = ledger.Epochs.FirstOrDefault(epoch => epoch.Seals(now))?.Number;
        return Task.FromResult(new ListResponse
        {
            Service = options.Value.Name,
            Generation = ledger.Generation,
            Epochs = { ledger.Epochs.Select(epoch => Describe(epoch, epoch.Number == sealing, known)) },
            Nodes = { known.Select(Describe) },
            Now = now.ToTimestamp(),
            Purges = { ledger.Purges.ToWire() },
        });
    }

    private static EpochMetadata Describe(Core.Keys.Epoch epoch, bool sealing, IReadOnlyList<NodeStatus> known)
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
            Sealing = sealing,
        };
    }

    private static NodeMetadata Describe(NodeStatus node) => new()
    {
        Name = node.Name,
        Live = node.Live,
        AcknowledgedGeneration = node.AcknowledgedGeneration,
        ConnectedAt = node.ConnectedAt.ToTimestamp(),
        LastSeen = node.LastSeen.ToTimestamp(),
        Address = node.Address,
        Version = node.Version,
        Profiles = { node.Profiles },
    };
}
