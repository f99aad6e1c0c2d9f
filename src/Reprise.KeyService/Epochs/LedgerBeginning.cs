using Microsoft.Extensions.Options;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Hosting;

namespace Reprise.KeyService.Epochs;

/// <summary>With nothing stored anywhere: makes the first epoch before a listener opens.</summary>
internal sealed class LedgerBeginning(EpochKeeper epochs, AuditTrail audit, IOptions<KeyServiceOptions> options) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var ledger = await epochs.BeginAsync(cancellationToken);
        audit.Record($"keyservice/{options.Value.Name}", "begin", $"epoch {ledger.KnowsFrom}", AuditResult.Ok, "nothing is stored");
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
