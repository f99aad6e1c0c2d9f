using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Nodes;

namespace Reprise.KeyService.Rotation;

/// <summary>
/// Runs rotations, one at a time. A second one is refused, not queued and not joined: who asked for it learns that a
/// new epoch is on its way already, and from whom.
/// </summary>
internal sealed partial class Rotator(
    EpochKeeper epochs,
    NodeRegistry nodes,
    IOptions<RotationOptions> options,
    TimeProvider time,
    KeyServiceMetrics metrics,
    IHostApplicationLifetime lifetime,
    ILogger<Rotator> logger)
{
    private string? _runningFor;

    /// <summary>Starts a rotation. It runs to its end whether or not anybody reads its progress.</summary>
    /// <param name="by">Who asks, for the log: an identity or "schedule".</param>
    /// <param name="progress">
    /// On success: each step as it happens, <c>Done</c> last. Its completion carries an <see cref="OperationCanceledException"/>
    /// if the host stops, and whatever made it fail otherwise.
    /// </param>
    /// <param name="runningFor">On failure: who asked for the one that is running.</param>
    public bool TryStart(string by, [NotNullWhen(true)] out ChannelReader<RotateResponse>? progress, [NotNullWhen(false)] out string? runningFor)
    {
        progress = null;
        runningFor = Interlocked.CompareExchange(ref _runningFor, by, null);
        if (runningFor is not null)
            return false;
        var steps = Channel.CreateUnbounded<RotateResponse>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        progress = steps.Reader;
        _ = Task.Run(() => RunAsync(by, steps.Writer));
        return true;
    }

    private async Task RunAsync(string by, ChannelWriter<RotateResponse> steps)
    {
        Exception? failure = null;
        try
        {
            Log.Started(logger, by);
            var done = await new RotationRun(epochs, nodes, options.Value, time, metrics, steps).RunAsync(lifetime.ApplicationStopping);
            metrics.Rotated(done.Complete ? "complete" : "laggards", TimeSpan.FromMilliseconds(done.Milliseconds));
            if (done.Complete)
                Log.Done(logger, done.Epoch, done.Nodes.Count, done.Milliseconds);
            else
                Log.DoneWithLaggards(logger, done.Epoch, done.Nodes.Count, string.Join(", ", done.Nodes.Where(IsLate).Select(node => node.Node)));
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
            Log.Failed(logger, by, fault);
        }

        // Free first: who has read the last step may start the next one.
        Volatile.Write(ref _runningFor, null);
        steps.Complete(failure);
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
    }
}
