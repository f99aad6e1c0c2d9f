using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Orders;

namespace Reprise.KeyService.Rotation;

/// <summary>
/// Runs rotations, one at a time. A second one is refused, not queued and not joined: who asked for it learns that a
/// new epoch is on its way already, and from whom.
/// </summary>
internal sealed partial class Rotator(
    EpochKeeper epochs,
    NodeRegistry nodes,
    AcknowledgementWait acknowledgements,
    IOptions<RotationOptions> options,
    TimeProvider time,
    KeyServiceMetrics metrics,
    AuditTrail audit,
    IHostApplicationLifetime lifetime,
    ILogger<Rotator> logger)
{
    /// <summary>As it is noted under an idempotency key.</summary>
    public const string Operation = "rotate";

    // So many that a caller who tries again still finds its own.
    private const int EndedKept = 16;

    private readonly Lock _gate = new();
    private readonly Queue<RotationProgress> _ended = [];
    private RotationProgress? _running;
    private string? _scheduleSaid;

    /// <summary>The rotation under way, or null.</summary>
    public RotationProgress? Running
    {
        get
        {
            lock (_gate)
                return _running;
        }
    }

    /// <summary>
    /// Starts a rotation, or goes on with what one has left staged. It runs to its end whether or not anybody reads its progress.
    /// </summary>
    /// <param name="order">Who asks.</param>
    /// <param name="rotation">
    /// It, or the one that is running. Its end carries an <see cref="OperationCanceledException"/> if the host stops, and whatever made it
    /// fail otherwise.
    /// </param>
    /// <returns>False: one is running already.</returns>
    public bool TryStart(Order order, out RotationProgress rotation)
    {
        lock (_gate)
        {
            if (_running is { } other)
            {
                rotation = other;
                return false;
            }

            var started = rotation = _running = new RotationProgress(order);
            _ = Task.Run(() => RunAsync(started));
            return true;
        }
    }

    /// <summary>The one that is running, or one that is started now.</summary>
    public RotationProgress StartOrJoin(Order order)
    {
        TryStart(order, out var rotation);
        return rotation;
    }

    /// <summary>The rotation that was ordered so, running or ended not long ago; null if it was not here.</summary>
    public RotationProgress? Find(Order order)
    {
        lock (_gate)
            return order.Key.Length == 0 ? null : _running?.Order == order ? _running : _ended.FirstOrDefault(each => each.Order == order);
    }

    private async Task RunAsync(RotationProgress progress)
    {
        Exception? failure = null;
        var by = progress.Order.By;
        try
        {
            Log.Started(logger, by);
            var done = await new RotationRun(epochs, nodes, acknowledgements, options.Value, time, metrics, progress.Steps).RunAsync(progress.Order, lifetime.ApplicationStopping);
            metrics.Rotated(done.Complete ? "complete" : "laggards", TimeSpan.FromMilliseconds(done.Milliseconds));
            _scheduleSaid = null;
            var late = string.Join(", ", done.Nodes.Where(IsLate).Select(node => node.Node));
            if (done.Complete)
                Log.Done(logger, done.Epoch, done.Nodes.Count, done.Milliseconds);
            else
                Log.DoneWithLaggards(logger, done.Epoch, done.Nodes.Count, late);
            audit.Record(by, "rotate", $"epoch {done.Epoch}", done.Complete ? AuditResult.Ok : AuditResult.Laggards, done.Complete ? $"{done.Nodes.Count} nodes" : late);
        }
        catch (OperationCanceledException stopping) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            failure = stopping;
        }
#pragma warning disable CA1031 // One failed rotation must not be the last: it is logged and counted here, and the next one runs.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            failure = fault;
            metrics.Rotated("failed", null);
            SayFailed(progress.Order, fault);
        }

        // Free first: who has read the last step may start the next one.
        lock (_gate)
        {
            _running = null;
            // One that failed is not what was asked for: who tries again, under the same key, gets another.
            if (failure is null)
                _ended.Enqueue(progress);
            if (_ended.Count > EndedKept)
                _ended.Dequeue();
        }

        progress.Steps.End(failure);
    }

    // The schedule tries again each second: what it says then is said once.
    private void SayFailed(Order order, Exception fault)
    {
        var expected = fault is NotLeadingException or LedgerStoreException or RotationRevokedException;
        var said = expected ? fault.Message : fault.ToString();
        if (order == Order.Schedule && Interlocked.Exchange(ref _scheduleSaid, said) == said)
            return;
        if (expected)
            Log.Broken(logger, order.By, fault.Message);
        else
            Log.Failed(logger, order.By, fault);
        audit.Record(order.By, "rotate", "", AuditResult.Failed, expected ? fault.Message : "see the log");
    }

    private static bool IsLate(RotateResponse.Types.NodeReport node) => !node.HasStagedMilliseconds || !node.HasActivatedMilliseconds;

    // Event ids 4040-4049.
    private static partial class Log
    {
        [LoggerMessage(4040, LogLevel.Information, "Rotation started for {By}")]
        public static partial void Started(ILogger logger, string by);

        [LoggerMessage(4041, LogLevel.Information, "Rotation done: epoch {Epoch} is active, {Nodes} nodes acknowledged, {Milliseconds:F0} ms")]
        public static partial void Done(ILogger logger, long epoch, int nodes, double milliseconds);

        [LoggerMessage(4042, LogLevel.Warning, "Rotation done: epoch {Epoch} is active, but of {Nodes} nodes some were late; silent to the end: {Laggards}")]
        public static partial void DoneWithLaggards(ILogger logger, long epoch, int nodes, string laggards);

        [LoggerMessage(4043, LogLevel.Error, "Rotation for {By} failed; the epochs stay as they are")]
        public static partial void Failed(ILogger logger, string by, Exception fault);

        [LoggerMessage(4044, LogLevel.Warning, "Rotation for {By} was not finished here: {Reason}")]
        public static partial void Broken(ILogger logger, string by, string reason);
    }
}
