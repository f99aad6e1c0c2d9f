using Reprise.Cli.Demo.Load;
using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Matrix;
using Reprise.Cli.Progress;

namespace Reprise.Cli.Demo.Steps;

/// <summary>The epoch that seals is revoked: its tickets are declined everywhere, by full handshakes, and new ones resume.</summary>
internal sealed class EpochRevoked : IDemoStep
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public string Name => "revoke";

    public string Title => "The epoch that seals is revoked";

    public async Task<StepReport> RunAsync(DemoCluster cluster, Telling telling, CancellationToken cancellationToken)
    {
        var epoch = await SealingAsync(cluster, cancellationToken);
        var mark = cluster.Load.Total;
        var tickets = new List<HeldTicket>();
        try
        {
            await CollectAsync(cluster, epoch, tickets, cancellationToken);
            telling.Line($"{tickets.Count} clients hold a ticket under epoch {epoch}, from each node");
            var done = await KeyChanges.RevokeAsync(cluster, epoch, telling, cancellationToken);
            telling.Line($"epoch {epoch} is destroyed {AcknowledgementReport.Count(done.Acknowledgements)}");

            var old = await OfferAsync(cluster, tickets, cancellationToken);
            telling.Line($"the old tickets, offered: {old}");
            var revoked = cluster.Load.Total;
            var after = await cluster.Load.WatchAsync(revoked, seen => seen.Of(ResumptionMode.Stateless).Resumed > cluster.Nodes.Count, Patience, cancellationToken);
            var load = cluster.Load.Total.Since(mark);
            return StepReport.Of(
                tickets.Count > 0 && old.Declined == tickets.Count && done.Acknowledgements.Laggards.Count == 0 && load.All.Failed == 0
                    && after.Of(ResumptionMode.Stateless).Resumed > 0,
                $"of {tickets.Count} tickets under epoch {epoch} {old.Resumed} resumed and {old.Declined} were declined to full handshakes; "
                + $"of the load's handshakes {load.All.Failed} failed, and since then {after.Of(ResumptionMode.Stateless).Resumed} new tickets resumed.",
                new
                {
                    epoch,
                    old = old.ToJson(),
                    resumedAfter = after.Of(ResumptionMode.Stateless).Resumed,
                    nodes = AcknowledgementReport.ToJson(done.Acknowledgements),
                },
                load);
        }
        finally
        {
            foreach (var ticket in tickets)
                ticket.Session.Dispose();
        }
    }

    private static async Task<long> SealingAsync(DemoCluster cluster, CancellationToken cancellationToken)
    {
        using var plane = cluster.OpenKeyPlane();
        var epochs = (await KeyChanges.ListAsync(plane, cancellationToken)).Epochs;
        return epochs.FirstOrDefault(each => each.Sealing)?.Number ?? throw new CliException("no epoch seals");
    }

    private static async Task CollectAsync(DemoCluster cluster, long epoch, List<HeldTicket> tickets, CancellationToken cancellationToken)
    {
        foreach (var way in DemoCluster.StatelessWays)
        {
            foreach (var node in cluster.Nodes)
            {
                try
                {
                    var exchange = await way.Client.ConnectAsync(way.Target(node, cluster.Authority), offer: null, cancellationToken);
                    if (exchange is { Session: { } session, Report.Epoch: { } sealing } && sealing == epoch)
                        tickets.Add(new(way, node, session));
                    else
                        exchange.Dispose();
                }
                catch (ProbeException failure)
                {
                    throw new CliException($"{node.Name}: {failure.Message}", ExitCode.Failed, failure);
                }
            }
        }
    }

    // Each to the node after the one that issued it.
    private static async Task<Tally> OfferAsync(DemoCluster cluster, List<HeldTicket> tickets, CancellationToken cancellationToken)
    {
        var tally = Tally.None;
        foreach (var (way, node, session) in tickets)
        {
            try
            {
                using var exchange = await way.Client.ConnectAsync(way.Target(cluster.After(node), cluster.Authority), session, cancellationToken);
                tally = tally.Add(Visit.Of(exchange, offered: true));
            }
            catch (ProbeException failure)
            {
                tally = tally.Add(new(VisitOutcome.Failed, failure.Message));
            }
        }

        return tally;
    }

    private sealed record HeldTicket(ProbeCase Way, ProbeNode Node, IDisposable Session);
}
