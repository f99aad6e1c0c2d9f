using System.Diagnostics;
using Reprise.Edge.Tests.Harness;

namespace Reprise.Soak;

/// <summary>
/// Steady and bounded: each client in turn does a full handshake with one node and offers its session to the other, with a pause
/// after each, so that the machine is never full of it.
/// </summary>
internal sealed class Load(SoakCluster cluster, Action<Action<Tally>> count)
{
    private const int Clients = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public Task RunAsync(Action<string> complain, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Clients).Select(client => BeAsync(client, complain, cancellationToken)));

    private async Task BeAsync(int client, Action<string> complain, CancellationToken cancellationToken)
    {
        var version = client % 2 == 0 ? "1.2" : "1.3";
        for (var turn = client / 2; !cancellationToken.IsCancellationRequested; turn++)
        {
            var (one, other) = (cluster.Edges[turn % 2], cluster.Edges[(turn + 1) % 2]);
            using var full = await VisitAsync(one, version, null, complain);
            await Task.Delay(Pause, CancellationToken.None);
            if (full?.Session is null)
                continue;
            using var again = await VisitAsync(other, version, full, complain);
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private async Task<QuickVisit?> VisitAsync(EdgeNode node, string version, QuickVisit? earlier, Action<string> complain)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var visit = await QuickClient.VisitAsync(node, version, earlier?.Session);
            count(tally => tally.Add(started, earlier is not null, visit.Resumed));
            return visit;
        }
        catch (Exception fault)
        {
            // Whatever it is: a client that has not got its handshake.
            count(tally => tally.AddFailure());
            complain($"{node.Name}, TLS {version}: {fault.GetType().Name}: {fault.Message.ReplaceLineEndings(" ")}");
            return null;
        }
    }
}
