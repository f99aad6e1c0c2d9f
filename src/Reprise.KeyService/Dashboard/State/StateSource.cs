using System.Text.Json;
using Microsoft.Extensions.Options;
using Reprise.KeyService.Admin;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Hosting;
using Reprise.KeyService.Nodes;

namespace Reprise.KeyService.Dashboard.State;

/// <summary>The state of now, made once for all who ask at the same time.</summary>
internal sealed class StateSource(
    EpochKeeper epochs, NodeRegistry nodes, ILedgerStore store, AuditTrail audit, IOptions<KeyServiceOptions> options, TimeProvider time) : IDisposable
{
    private const int AuditLines = 50;

    private static readonly TimeSpan s_fresh = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_auditPatience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _making = new(1, 1);
    private string? _made;
    private long _madeAt;
    private IReadOnlyList<AuditLine> _audit = [];

    /// <summary>The changes after which the state is another; each completes at its next. Counts by themselves are none.</summary>
    public Task[] Changes => [epochs.Changed, nodes.Changed, store.Changed, audit.Changed];

    /// <summary>The state as JSON.</summary>
    public async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        await _making.WaitAsync(cancellationToken);
        try
        {
            if (_made is null || time.GetElapsedTime(_madeAt) >= s_fresh)
            {
                _audit = await AuditAsync(cancellationToken);
                _made = JsonSerializer.Serialize(Make(), JsonSerializerOptions.Web);
                _madeAt = time.GetTimestamp();
            }

            return _made;
        }
        finally
        {
            _making.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _making.Dispose();

    private DashboardState Make()
    {
        var now = time.GetUtcNow();
        var ledger = epochs.Current;
        var known = nodes.Snapshot();
        var behindFor = now - epochs.PublishedAt;
        var sealing = ledger.SealingAt(now)?.Number;
        var told = known.Select(node => KeyAdminEndpoint.Describe(node, ledger, behindFor, now)).ToList();
        return new(
            options.Value.Name,
            store.Leader?.Name,
            ledger.Generation,
            now,
            [.. known.Zip(told, StateView.Of)],
            [.. ledger.Epochs.Select(epoch => StateView.Of(KeyAdminEndpoint.Describe(epoch, epoch.Number == sealing, known)))],
            StateView.Declines(told),
            StateView.Profiles(known, ledger.Switches),
            _audit);
    }

    // The store may be away: that hides no node. What was known stays.
    private async Task<IReadOnlyList<AuditLine>> AuditAsync(CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(s_auditPatience);
        try
        {
            return await audit.NewestAsync(patience.Token) is not { } newest ? []
                : _audit is [var shown, ..] && shown.Sequence == newest.Sequence ? _audit
                : [.. (await audit.ReadAsync(Math.Max(0, newest.Sequence - AuditLines), AuditLines, patience.Token)).Reverse().Select(StateView.Of)];
        }
        catch (LedgerStoreException)
        {
            return _audit;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return _audit;
        }
    }
}
