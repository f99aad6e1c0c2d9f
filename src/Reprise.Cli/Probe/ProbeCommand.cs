using System.CommandLine;
using Reprise.Cli.Cluster;
using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Matrix;
using Reprise.Cli.Probe.Trace;
using Reprise.Cli.Terminal;

namespace Reprise.Cli.Probe;

/// <summary><c>reprise probe</c>: does a session of every node resume on every node?</summary>
internal static class ProbeCommand
{
    private static readonly IProbeClient[] AllClients = [new OpenSslProbeClient(), new BouncyCastleProbeClient()];

    private static readonly Option<string[]> Nodes = new("--nodes")
    {
        Description = "Names from the cluster file, or HOST:PORT. Default: all edges of the cluster file.",
        HelpName = "NODE,...",
        CustomParser = result => [.. Split(result.Tokens.Select(token => token.Value))],
        DefaultValueFactory = _ => [],
    };

    private static readonly ChoiceOption<TlsVersion> Versions =
        new("--tls", "TLS versions.", [TlsVersion.Tls12, TlsVersion.Tls13], version => version.ToName());

    private static readonly ChoiceOption<ResumptionMode> Modes =
        new("--mode", "Where the session is kept.", [ResumptionMode.Stateful, ResumptionMode.Stateless], mode => mode.ToName());

    private static readonly ChoiceOption<IProbeClient> Clients =
        new("--client", "TLS implementations to offer sessions with.", AllClients, client => client.Name);

    private static readonly Option<string?> ServerName = new("--sni")
    {
        Description = "Server name for all connections. Default: stateful.reprise.test or stateless.reprise.test, by mode.",
        HelpName = "NAME",
    };

    public static Command Create(Screen screen)
    {
        var probe = new Command("probe", "Offer a session of every node to every node. Exit 0: all resumed; 1: not all; 2: could not tell.")
        {
            Nodes, Versions, Modes, Clients, ServerName, ClusterOptions.Cluster, ClusterOptions.Authority,
        };
        TraceCommand.AddTo(probe);
        probe.Validators.Add(result =>
        {
            if (result.GetValue(ServerName) is { } name && Uri.CheckHostName(name) != UriHostNameType.Dns)
                result.AddError($"--sni '{name}': give a host name");
        });
        probe.SetAction((parsed, cancellationToken) => RunAsync(parsed, screen, cancellationToken));
        return probe;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Screen screen, CancellationToken cancellationToken)
    {
        var json = parsed.GetValue(CommonOptions.Json);
        var cluster = new Lazy<ClusterDescription>(() => ClusterOptions.ReadCluster(parsed));
        var nodes = await NodeList.ResolveAsync(parsed.GetValue(Nodes)!, cluster, cancellationToken);
        var authority = parsed.GetValue(ClusterOptions.Authority) ?? cluster.Value.Pki.Ca;
        if (!File.Exists(authority))
            throw new CliException($"the CA file {authority} is not there");

        var (cases, notApplicable) = Cases(parsed);
        if (cases.Count == 0)
            throw new CliException($"nothing to probe: {string.Join("; ", notApplicable)}");

        if (TraceCommand.IsWanted(parsed))
            return await TraceCommand.RunAsync(parsed, nodes, cases, authority, screen, cancellationToken);

        var matrix = new ResumptionMatrix(nodes, cases, authority);
        var view = new ProbeView(screen);
        var results = await view.CollectAsync(matrix, json, cancellationToken);
        if (json)
            view.WriteJson(results, notApplicable);
        else
            view.WriteTable(nodes, results, notApplicable);
        return Verdict(results);
    }

    private static int Verdict(List<PairResult> results)
    {
        if (results.FirstOrDefault(pair => pair.Outcome == PairOutcome.Unknown) is { } unknown)
            throw new CliException(unknown.Reason!);
        return results.TrueForAll(pair => pair.Outcome == PairOutcome.Resumed) ? ExitCode.Done : ExitCode.Failed;
    }

    private static (List<ProbeCase> Cases, List<string> NotApplicable) Cases(ParseResult parsed)
    {
        var all = (from version in Versions.Read(parsed)
                   from mode in Modes.Read(parsed)
                   from client in Clients.Read(parsed)
                   select new ProbeCase(version, mode, client, parsed.GetValue(ServerName) ?? $"{mode.ToName()}.reprise.test")).ToList();
        var whyNot = all.ToLookup(way => way.Client.WhyNot(way.Version, way.Mode));
        return ([.. all.Where(way => way.Client.WhyNot(way.Version, way.Mode) is null)], [.. whyNot.Select(group => group.Key).OfType<string>()]);
    }

    private static IEnumerable<string> Split(IEnumerable<string> values) =>
        values.SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
