using Grpc.Core;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Purges;
using Reprise.KeyService.Switches;

namespace Reprise.KeyService.Admin;

// PurgeSessions, SetResumption.
internal sealed partial class KeyAdminEndpoint
{
    public override async Task<PurgeSessionsResponse> PurgeSessions(PurgeSessionsRequest request, ServerCallContext context)
    {
        var profile = request.TargetCase switch
        {
            PurgeSessionsRequest.TargetOneofCase.Profile when request.Profile.Length > 0 => request.Profile,
            PurgeSessionsRequest.TargetOneofCase.All when request.All => PurgeNumbers.AllProfiles,
            _ => throw AdminError.Invalid("name a profile, or all"),
        };
        var order = Begin(context, request.IdempotencyKey, Purger.Operation(profile), out var before);
        if (before is not null)
            return await purger.AgainAsync(before.Subject, context.CancellationToken);
        if (profile != PurgeNumbers.AllProfiles)
            RequireServed(profile);
        return await purger.PurgeAsync(profile, order, context.CancellationToken);
    }

    public override async Task<SetResumptionResponse> SetResumption(SetResumptionRequest request, ServerCallContext context)
    {
        bool? stateful = request.HasStateful ? request.Stateful : null;
        bool? stateless = request.HasStateless ? request.Stateless : null;
        if (request.Profile.Length == 0 || (stateful is null && stateless is null))
            throw AdminError.Invalid("name a profile, and at least one of stateful and stateless");
        var order = Begin(context, request.IdempotencyKey, Switcher.Operation(request.Profile, stateful, stateless), out var before);
        if (before is not null)
            return await switcher.AgainAsync(request.Profile, context.CancellationToken);
        RequireServed(request.Profile);
        return await switcher.SetAsync(request.Profile, stateful, stateless, order, context.CancellationToken);
    }
}
