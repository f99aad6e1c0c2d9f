using Reprise.Cli.Cluster;
using Reprise.Cli.Demo.Load;
using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Matrix;
using Reprise.Cli.Terminal;

namespace Reprise.Cli.Demo;

/// <summary>What the steps of the story have to do with: a running cluster, its steady load, and an operator's hand.</summary>
/// <param name="Description">Where everything is.</param>
/// <param name="Nodes">Its edges.</param>
/// <param name="Load">Goes on throughout.</param>
/// <param name="Screen">For what the key plane has to say while it waits.</param>
internal sealed record DemoCluster(ClusterDescription Description, IReadOnlyList<ProbeNode> Nodes, SteadyLoad Load, Screen Screen)
{
    private static readonly OpenSslProbeClient Client = new();

    /// <summary>Both versions, both modes, by the profiles that <c>up</c> and compose have for it.</summary>
    public static IReadOnlyList<ProbeCase> Ways { get; } =
    [
        .. from version in (TlsVersion[])[TlsVersion.Tls12, TlsVersion.Tls13]
           from mode in (ResumptionMode[])[ResumptionMode.Stateful, ResumptionMode.Stateless]
           select new ProbeCase(version, mode, Client, $"{mode.ToName()}.reprise.test"),
    ];

    public static IEnumerable<ProbeCase> StatelessWays => Ways.Where(way => way.Mode == ResumptionMode.Stateless);

    public string Authority => Description.Pki.Ca;

    /// <summary>For one change, or any number of questions.</summary>
    public KeyPlane OpenKeyPlane() =>
        ClusterOptions.OpenKeyPlane([.. Description.KeyService.Select(entry => entry.Grpc)], Description.Pki, Screen);

    /// <summary>The node after this one.</summary>
    public ProbeNode After(ProbeNode node) => Nodes[(Nodes.ToList().IndexOf(node) + 1) % Nodes.Count];
}
