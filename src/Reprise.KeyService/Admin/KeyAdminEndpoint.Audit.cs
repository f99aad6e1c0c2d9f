using Grpc.Core;
using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Admin;

// Audit.
internal sealed partial class KeyAdminEndpoint
{
    private const int AuditAtOnce = 256;

    // The store is asked; it may be another key service that writes to it.
    private static readonly TimeSpan s_auditPoll = TimeSpan.FromMilliseconds(500);

    public override async Task Audit(AuditRequest request, IServerStreamWriter<AuditEntry> responseStream, ServerCallContext context)
    {
        var cancel = context.CancellationToken;
        if (request.After < 0 || request.Last < 0)
            throw AdminError.Invalid("after and last are not negative");
        var after = request.After;
        if (request.Last > 0 && await audit.NewestAsync(cancel) is { } newest)
            after = Math.Max(after, newest.Sequence - request.Last);
        while (true)
        {
            var entries = await audit.ReadAsync(after, AuditAtOnce, cancel);
            foreach (var entry in entries)
            {
                await responseStream.WriteAsync(entry, cancel);
            }

            // What somebody else has put there may have any number: it must not be read again without end.
            var former = after;
            after = entries.Select(entry => entry.Sequence).Append(after).Max();
            if (after > former)
                continue;
            if (!request.Follow)
                return;
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancel, lifetime.ApplicationStopping);
            await Task.Delay(s_auditPoll, waiting.Token);
        }
    }
}
