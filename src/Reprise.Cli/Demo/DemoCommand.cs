using System.CommandLine;
using Grpc.Core;
using Reprise.Cli.Cluster;
using Reprise.Cli.Demo.Load;
using Reprise.Cli.Demo.Outages;
using Reprise.Cli.Probe;
using Reprise.Cli.Terminal;

namespace Reprise.Cli.Demo;

/// <summary><c>reprise demo</c>: the story against a cluster that runs already. <c>up --demo</c> tells the same of its own.</summary>
internal static class DemoCommand
{
    private static readonly Option<int> Wait =
        NumberOption.Create(
            "--wait", "Ask the operator to stop Redis and to kill a key service, and wait so many seconds; without it this is asked in a terminal only.", 1, 3600, 60);

    /// <summary>Seconds before each step.</summary>
    public static Option<int> Pause { get; } = NumberOption.Create("--pause", "Seconds of pause before each step of the demo.", 0, 600, 5);

    public static Command Create(Screen screen)
    {
        var demo = new Command("demo", "Put a steady load on a cluster, and walk through a story that is measured. Exit 0: all went as it should; 1: not all.")
        {
            ClusterOptions.Cluster, Pause, Wait,
        };
        demo.SetAction((parsed, cancellationToken) =>
        {
            var cluster = ClusterOptions.ReadCluster(parsed);
            var telling = new Telling(screen, parsed.GetValue(CommonOptions.Json));
            var asks = telling.HasListener || parsed.GetResult(Wait) is { Implicit: false };
            var asked = new AskedOutages(cluster, asks, TimeSpan.FromSeconds(parsed.GetValue(Wait)));
            return TellAsync(cluster, asked, telling, TimeSpan.FromSeconds(parsed.GetValue(Pause)), screen, cancellationToken);
        });
        return demo;
    }

    /// <summary>With a load of its own around it.</summary>
    /// <param name="description">The cluster.</param>
    /// <param name="outages">Who takes parts of it away.</param>
    /// <param name="telling">How it is told.</param>
    /// <param name="pause">Before each step.</param>
    /// <param name="screen">Where it is told.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<int> TellAsync(
        ClusterDescription description, IOutages outages, Telling telling, TimeSpan pause, Screen screen, CancellationToken cancellationToken)
    {
        var nodes = await NodeList.ResolveAsync([], new(description), cancellationToken);
        await using var load = SteadyLoad.Start(DemoCluster.Ways, nodes, description.Pki.Ca);
        try
        {
            return await Story.TellAsync(new(description, nodes, load, screen), outages, telling, pause, cancellationToken);
        }
        catch (RpcException failure) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("interrupted", failure, cancellationToken);
        }
    }
}
