using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Hosting;

namespace Reprise.KeyService.Audit;

/// <summary>
/// Who did what. Each entry goes to the log at once, and to the store as soon as that takes it: what is audited does not wait for the
/// audit, and is not undone by its failure.
/// </summary>
internal sealed partial class AuditTrail(
    IAuditStore store, IOptions<KeyServiceOptions> options, TimeProvider time, KeyServiceMetrics metrics, ILogger<AuditTrail> logger) : BackgroundService
{
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    // What is denied can be asked for without end: past this rate it is counted only.
    private readonly RefusalThrottle _refusals = new(time);
    private readonly ChangeSignal _changed = new();
    private readonly Channel<AuditEntry> _waiting = Channel.CreateBounded<AuditEntry>(
        new BoundedChannelOptions(4096) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Completes when this key service has kept an entry; see <see cref="ChangeSignal"/>.</summary>
    public Task Changed => _changed.Next;

    /// <summary>Records what was done.</summary>
    /// <param name="actor">An identity, or "schedule".</param>
    /// <param name="action">As key_admin.proto lists them.</param>
    /// <param name="target">What it was done to, or "".</param>
    /// <param name="result">How it ended.</param>
    /// <param name="detail">For people; never a secret, never a stranger's text.</param>
    public void Record(string actor, string action, string target, AuditResult result, string detail)
    {
        var entry = new AuditEntry
        {
            // The chain hashes milliseconds.
            At = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()).ToTimestamp(),
            Service = options.Value.Name,
            Actor = actor,
            Action = action,
            Target = target,
            Result = result.ToString().ToLowerInvariant(),
            Detail = detail,
        };
        Log.Recorded(logger, entry.Actor, entry.Action, entry.Target, entry.Result, entry.Detail);
        if (!_waiting.Writer.TryWrite(entry))
            metrics.AuditLost();
    }

    /// <summary>Records what was refused, unless it or much was a short time ago; then the next entry says how much.</summary>
    /// <inheritdoc cref="Record" path="/param"/>
    public void RecordRefusal(string actor, string target, string detail)
    {
        if (_refusals.Allows(actor, target, out var passedOver))
            Record(actor, "refuse", target, AuditResult.Refused, passedOver == 0 ? detail : $"{detail}; {passedOver} more before it");
    }

    /// <inheritdoc cref="IAuditStore.ReadAsync"/>
    public Task<IReadOnlyList<AuditEntry>> ReadAsync(long after, int most, CancellationToken cancellationToken) => store.ReadAsync(after, most, cancellationToken);

    /// <inheritdoc cref="IAuditStore.NewestAsync"/>
    public Task<AuditEntry?> NewestAsync(CancellationToken cancellationToken) => store.NewestAsync(cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var entry in _waiting.Reader.ReadAllAsync(stoppingToken))
                await AppendAsync(entry, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop. What still waits is in the log.
        }
    }

    private async Task AppendAsync(AuditEntry entry, CancellationToken cancel)
    {
        var failing = false;
        while (true)
        {
            try
            {
                var kept = await store.AppendAsync(entry, cancel);
                Log.Kept(logger, kept.Sequence, Convert.ToHexStringLower(kept.Hash.Span));
                _changed.Raise();
                return;
            }
            catch (LedgerStoreException fault)
            {
                if (!failing)
                    Log.NotKept(logger, fault.Message);
                failing = true;
                await Task.Delay(s_again, time, cancel);
            }
        }
    }

    // Event ids 4110-4119.
    private static partial class Log
    {
        [LoggerMessage(4110, LogLevel.Information, "Audit: {Actor} {Action} {Target}: {Result} {Detail}")]
        public static partial void Recorded(ILogger logger, string actor, string action, string target, string result, string detail);

        // To hold the store's chain against.
        [LoggerMessage(4111, LogLevel.Information, "Audit entry {Sequence} is kept, hash {Hash}")]
        public static partial void Kept(ILogger logger, long sequence, string hash);

        [LoggerMessage(4112, LogLevel.Warning, "An audit entry could not be kept, and waits: {Reason}")]
        public static partial void NotKept(ILogger logger, string reason);
    }
}
