using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Orders;
using Reprise.KeyService.Rotation;

namespace Reprise.KeyService.Revocation;

/// <summary>Runs revocations, each to its end whether or not anybody reads its progress.</summary>
internal sealed partial class Revoker(
    EpochKeeper epochs,
    Rotator rotator,
    AcknowledgementWait acknowledgements,
    TimeProvider time,
    KeyServiceMetrics metrics,
    AuditTrail audit,
    IHostApplicationLifetime lifetime,
    ILogger<Revoker> logger)
{
    // So many that a caller who tries again still finds its own.
    private const int EndedKept = 16;

    private readonly Lock _gate = new();
    private readonly List<Running> _runs = [];

    /// <summary>Starts a revocation, or joins the one that was ordered so.</summary>
    /// <param name="epoch">Its number.</param>
    /// <param name="purgeSessions">Whether all stored sessions end besides.</param>
    /// <param name="order">Who asks.</param>
    /// <param name="noted">
    /// The purge number of one that was carried out under this key already, here or elsewhere; null: it was not.
    /// </param>
    public Steps<RevokeResponse> Start(long epoch, bool purgeSessions, Order order, long? noted)
    {
        lock (_gate)
        {
            if (_runs.FirstOrDefault(run => run.Epoch == epoch && (order.Key.Length > 0 ? run.Order == order : !run.Steps.Ended && run.PurgesSessions == purgeSessions)) is { } same)
                return same.Steps;
            if (_runs.Count >= EndedKept && _runs.FindIndex(run => run.Steps.Ended) is >= 0 and var ended)
                _runs.RemoveAt(ended);
            var run = new Running(epoch, purgeSessions, order, new Steps<RevokeResponse>());
            _runs.Add(run);
            _ = Task.Run(() => RunAsync(run, noted));
            return run.Steps;
        }
    }

    private async Task RunAsync(Running run, long? noted)
    {
        Exception? failure = null;
        var (epoch, purges, order, steps) = run;
        var target = $"epoch {epoch}";
        try
        {
            Log.Started(logger, epoch, order.By);
            audit.Record(order.By, "revoke", target, AuditResult.Begun, purges ? "with all stored sessions" : "");
            var revocation = new RevocationRun(epochs, rotator, acknowledgements, time, steps);
            var done = noted is { } purge
                ? await revocation.ResumeAsync(epoch, purge, order, lifetime.ApplicationStopping)
                : await revocation.RunAsync(epoch, purges, order, lifetime.ApplicationStopping);
            var late = string.Join(", ", done.Acknowledgements.Laggards.Select(laggard => laggard.Node));
            metrics.Revoked(late.Length == 0 ? "complete" : "laggards");
            if (late.Length == 0)
                Log.Done(logger, epoch, done.Acknowledgements.Nodes.Count, done.Milliseconds);
            else
                Log.DoneWithLaggards(logger, epoch, late);
            audit.Record(order.By, "revoke", target, late.Length == 0 ? AuditResult.Ok : AuditResult.Laggards, late.Length == 0 ? $"{done.Acknowledgements.Nodes.Count} nodes" : late);
        }
        catch (OperationCanceledException stopping) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            failure = stopping;
        }
#pragma warning disable CA1031 // Nobody may be there to be told: it is logged here.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            failure = fault;
            metrics.Revoked("failed");
            Log.Failed(logger, epoch, order.By, fault);
            audit.Record(order.By, "revoke", target, AuditResult.Failed, fault is EpochDestroyedException ? "it is destroyed already" : "see the log; condemned, it is destroyed all the same");
        }

        if (failure is not null)
        {
            // It may be tried again under the same key.
            lock (_gate)
                _runs.Remove(run);
        }

        steps.End(failure);
    }

    private sealed record Running(long Epoch, bool PurgesSessions, Order Order, Steps<RevokeResponse> Steps);

    // Event ids 4080-4089.
    private static partial class Log
    {
        [LoggerMessage(4080, LogLevel.Warning, "Revocation of epoch {Epoch} started for {By}")]
        public static partial void Started(ILogger logger, long epoch, string by);

        [LoggerMessage(4081, LogLevel.Warning, "Epoch {Epoch} is revoked: {Nodes} nodes acknowledged, {Milliseconds:F0} ms")]
        public static partial void Done(ILogger logger, long epoch, int nodes, double milliseconds);

        [LoggerMessage(4082, LogLevel.Error, "Epoch {Epoch} is revoked, but not acknowledged by {Laggards}: they may open it until they are back, or until its life is over")]
        public static partial void DoneWithLaggards(ILogger logger, long epoch, string laggards);

        [LoggerMessage(4083, LogLevel.Error, "Revocation of epoch {Epoch} for {By} was not finished here")]
        public static partial void Failed(ILogger logger, long epoch, string by, Exception fault);
    }
}
