using System.Collections.Immutable;
using Reprise.Cli.Probe.Matrix;

namespace Reprise.Cli.Demo.Load;

/// <summary>
/// A client for each way of resuming, ten handshakes a second in all, one after the other, until it is disposed. Slower where the
/// nodes are slower: there is never more than one connection.
/// </summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private volatile LoadTally _total;
    private volatile string? _lastFailure;

    private SteadyLoad(IReadOnlyList<ProbeCase> ways, IReadOnlyList<ProbeNode> nodes, string authority)
    {
        _total = new(ways.ToImmutableDictionary(way => way, _ => Tally.None));
        var visitors = ways.Select(way => new Visitor(way, nodes, authority)).ToList();
        _running = Task.Run(() => RunAsync(visitors)); // the clients block
    }

    /// <summary>Since the start.</summary>
    public LoadTally Total => _total;

    /// <summary>How the handshake that failed last did so; null while none has.</summary>
    public string? LastFailure => _lastFailure;

    public static SteadyLoad Start(IReadOnlyList<ProbeCase> ways, IReadOnlyList<ProbeNode> nodes, string authority) => new(ways, nodes, authority);

    /// <summary>Watches until what came since <paramref name="mark"/> is enough, or patience is over: the caller judges.</summary>
    public async Task<LoadTally> WatchAsync(LoadTally mark, Func<LoadTally, bool> enough, TimeSpan patience, CancellationToken cancellationToken)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (_running.IsFaulted)
                await _running;
            var seen = Total.Since(mark);
            if (enough(seen) || TimeProvider.System.GetElapsedTime(since) > patience)
                return seen;
            await Task.Delay(Look, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync(List<Visitor> visitors)
    {
        try
        {
            for (var turn = 0; ; turn++)
            {
                var visitor = visitors[turn % visitors.Count];
                var visit = await visitor.VisitAsync(_stopping.Token);
                if (visit.Outcome == VisitOutcome.Failed)
                    _lastFailure = visit.Reason;
                _total = _total.Add(visitor.Way, visit);
                await Task.Delay(Interval, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The orderly end.
        }
        finally
        {
            foreach (var visitor in visitors)
                visitor.Dispose();
        }
    }
}
