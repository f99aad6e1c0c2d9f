using Reprise.Cli.Demo.Load;
using Reprise.Cli.Probe.Clients;
using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Demo.Steps;

/// <summary>New clients: what everything costs that is not resumed.</summary>
internal sealed class FullHandshakes : IDemoStep
{
    public string Name => "full";

    public string Title => "New clients: a full handshake with each node";

    public async Task<StepReport> RunAsync(DemoCluster cluster, Telling telling, CancellationToken cancellationToken)
    {
        var tally = Tally.None;
        foreach (var way in DemoCluster.Ways)
        {
            var ofWay = Tally.None;
            var costs = new List<HandshakeCost>();
            foreach (var node in cluster.Nodes)
            {
                using var recording = new WireRecording(keepsContent: false, TimeProvider.System);
                try
                {
                    var target = way.Target(node, cluster.Authority) with { Recording = recording };
                    using var exchange = await way.Client.ConnectAsync(target, offer: null, cancellationToken);
                    ofWay = ofWay.Add(Visit.Of(exchange, offered: false));
                    if (HandshakeCost.Of(recording) is { } cost)
                        costs.Add(cost);
                }
                catch (ProbeException failure)
                {
                    ofWay = ofWay.Add(new(VisitOutcome.Failed));
                    telling.Line($"{node.Name}: {failure.Message}");
                }
            }

            telling.Line($"{way.Title}: {ofWay.Full} of {cluster.Nodes.Count} full{(HandshakeCost.Median(costs) is { } median ? $"; {median}" : "")}");
            tally = tally.Plus(ofWay);
        }

        var wanted = DemoCluster.Ways.Count * cluster.Nodes.Count;
        return StepReport.Of(tally.Full == wanted, $"{tally.Full} of {wanted} handshakes came about, and were full.", new { tried = wanted, full = tally.Full });
    }
}
