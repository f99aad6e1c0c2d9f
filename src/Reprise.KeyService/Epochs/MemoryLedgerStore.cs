using Microsoft.Extensions.Options;
using Reprise.Core.Keys;
using Reprise.KeyService.Hosting;

namespace Reprise.KeyService.Epochs;

/// <summary>Nothing is kept: there is one key service, and it leads. After its restart nodes hold epochs that are unknown to it.</summary>
internal sealed class MemoryLedgerStore(IOptions<KeyServiceOptions> options) : ILedgerStore
{
    public bool Leads => true;

    public Leader Leader { get; } = new(options.Value.Name, null);

    public Task Changed { get; } = new TaskCompletionSource().Task;

    public Task CommitAsync(EpochLedger former, EpochLedger next, CancellationToken cancellationToken) => Task.CompletedTask;
}
