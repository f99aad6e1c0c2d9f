using Grpc.Core;
using Microsoft.Extensions.Options;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Explain;
using Reprise.KeyService.Hosting;
using Reprise.KeyService.Identity;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Orders;
using Reprise.KeyService.Purges;
using Reprise.KeyService.Removal;
using Reprise.KeyService.Revocation;
using Reprise.KeyService.Rotation;
using Reprise.KeyService.Switches;

namespace Reprise.KeyService.Admin;

/// <summary><c>KeyAdmin</c>: what operators ask. Nothing here ever touches a secret.</summary>
internal sealed partial class KeyAdminEndpoint(
    Rotator rotator,
    Revoker revoker,
    Purger purger,
    Switcher switcher,
    NodeRemover remover,
    AuditTrail audit,
    Explainer explainer,
    QuestionRate questions,
    EpochKeeper epochs,
    ILedgerStore store,
    NodeRegistry nodes,
    AcknowledgementWait acknowledgements,
    IHostApplicationLifetime lifetime,
    IOptions<KeyServiceOptions> options,
    IOptions<RotationOptions> rotationOptions,
    TimeProvider time) : KeyAdmin.KeyAdminBase
{
    private const int LongestKey = 128;

    // Whose call it is, under which key; and what came of it, if it was carried out before.
    private Order Begin(ServerCallContext context, string key, string operation, out Command? before)
    {
        if (key.Length > LongestKey)
            throw AdminError.Invalid($"idempotency_key is {key.Length} characters long; allowed: up to {LongestKey}");
        if (!store.Leads || epochs.Current.Generation == 0)
            throw AdminError.NotLeading();
        var order = new Order(RoleInterceptor.Caller(context).ToString(), key);
        before = epochs.Current.FindCommand(order.By, key);
        if (before is not null && before.Operation != operation)
            throw AdminError.KeyReused();
        return order;
    }

    private static async Task RelayAsync<T>(Steps<T> steps, IServerStreamWriter<T> stream, ServerCallContext context)
    {
        await foreach (var step in steps.ReadAsync(context.CancellationToken))
            await stream.WriteAsync(step, context.CancellationToken);
    }

    private void RequireServed(string profile)
    {
        if (!nodes.Snapshot().Any(node => node.Live && node.Profiles.Any(served => served.Name == profile)))
            throw AdminError.NotFound("no live node serves a profile of this name; see the nodes' profiles in Nodes");
    }
}
