using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Reprise.Cli.Cluster;
using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Matrix;
using Reprise.Cli.Probe.Sites;
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

    private static readonly Option<int> Repeat = NumberOption.Create(
        "--repeat", "Sessions for each pair: all of them must resume, and times are their medians.", 1, 1000, 3);

    private static readonly Option<int> Watch = new("--watch")
    {
        Description = "Again and again, with so many seconds in between (default 2), until Ctrl-C. The exit code is that of the last round.",
        HelpName = "SECONDS",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = ParseWatch,
    };

    private static readonly Option<string?> Sites = new("--sites")
    {
        Description = "Probe these HTTPS sites in place of a cluster: a file with HOST[:PORT] on each line, and addresses after it where they are not those of the name.",
        HelpName = "FILE",
    };

    public static Command Create(Screen screen)
    {
        var probe = new Command("probe", "Offer a session of every node to every node. Exit 0: all resumed; 1: not all; 2: could not tell.")
        {
            Nodes, Versions, Modes, Clients, ServerName, Repeat, Watch, Sites, ClusterOptions.Cluster, ClusterOptions.Authority,
        };
        TraceCommand.AddTo(probe, Repeat, Watch);
        probe.Validators.Add(result =>
        {
            if (result.GetValue(ServerName) is { } name && Uri.CheckHostName(name) != UriHostNameType.Dns)
                result.AddError($"--sni '{name}': give a host name");
            if (result.GetValue(Sites) is not null && NotOfSites.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } other)
                result.AddError($"{other.Name} does not go with --sites");
        });
        probe.SetAction((parsed, cancellationToken) => RunAsync(parsed, screen, cancellationToken));
        return probe;
    }

    private static IEnumerable<Option> NotOfSites => [Nodes, ServerName, Watch, ClusterOptions.Cluster, .. TraceCommand.Options];

    private static async Task<int> RunAsync(ParseResult parsed, Screen screen, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Sites) is { } sites)
            return await RunSitesAsync(sites, parsed, screen, cancellationToken);

        var json = parsed.GetValue(CommonOptions.Json);
        var cluster = new Lazy<ClusterDescription>(() => ClusterOptions.ReadCluster(parsed));
        var nodes = await NodeList.ResolveAsync(parsed.GetValue(Nodes)!, cluster, cancellationToken);
        var authority = parsed.GetValue(ClusterOptions.Authority) ?? cluster.Value.Pki.Ca;
        EnsureThere(authority);

        var (cases, notApplicable) = Cases(parsed);
        if (cases.Count == 0)
            throw new CliException($"nothing to probe: {string.Join("; ", notApplicable)}");

        if (TraceCommand.IsWanted(parsed))
            return await TraceCommand.RunAsync(parsed, nodes, cases, authority, screen, cancellationToken);

        var matrix = new ResumptionMatrix(nodes, cases, new ClusterTrial(authority), parsed.GetValue(Repeat));
        var view = new ProbeView(screen);
        if (parsed.GetResult(Watch) is not null)
        {
            var interval = TimeSpan.FromSeconds(parsed.GetValue(Watch));
            return Verdict(await ProbeWatch.RunAsync(matrix, notApplicable, interval, json, screen, cancellationToken));
        }

        var results = await view.CollectAsync(matrix, json, cancellationToken);
        if (json)
            view.WriteJson(results, notApplicable);
        else
            view.WriteTable(nodes, results, notApplicable);
        return Verdict(results);
    }

    // A client sees of TLS 1.3 that there is a ticket, not what is in it: one way, by either mode.
    private static async Task<int> RunSitesAsync(string file, ParseResult parsed, Screen screen, CancellationToken cancellationToken)
    {
        var (json, authority) = (parsed.GetValue(CommonOptions.Json), parsed.GetValue(ClusterOptions.Authority));
        EnsureThere(authority);
        var clients = parsed.GetResult(Clients) is null ? [new OpenSslProbeClient()] : Clients.Read(parsed);
        var ways = (from version in Versions.Read(parsed)
                    from mode in Modes.Read(parsed)
                    from client in clients
                    where client.WhyNot(version, mode) is null
                    select (Version: version, Mode: version == TlsVersion.Tls13 ? ResumptionMode.Stateless : mode, Client: client)).Distinct().ToList();
        if (ways.Count == 0)
            throw new CliException("nothing to probe: Bouncy Castle's client does not resume TLS 1.3");

        var probe = new SiteProbe(
            host => [.. ways.Select(way => new ProbeCase(way.Version, way.Mode, way.Client, host))], new SiteTrial(authority), parsed.GetValue(Repeat));
        var results = await probe.RunAsync(SiteFile.Read(file), screen, json, cancellationToken);
        var view = new SiteView(screen);
        if (json)
            view.WriteJson(results);
        else
            view.WriteTables(results);
        return results.Find(site => site.CouldNotTell is not null) is { CouldNotTell: { } why }
            ? throw new CliException(why)
            : Verdict([.. results.SelectMany(site => site.Pairs)]);
    }

    private static void EnsureThere(string? authority)
    {
        if (authority is not null && !File.Exists(authority))
            throw new CliException($"the CA file {authority} is not there");
    }

    /// <summary>Done only if all resumed.</summary>
    /// <exception cref="CliException">There is one that nothing can be said of.</exception>
    public static int Verdict(IReadOnlyList<PairResult> results)
    {
        if (results.FirstOrDefault(pair => pair.Outcome == PairOutcome.Unknown) is { } unknown)
            throw new CliException(unknown.Reason!);
        return results.All(pair => pair.Outcome is PairOutcome.Resumed or PairOutcome.NotSpoken) ? ExitCode.Done : ExitCode.Failed;
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

    private static int ParseWatch(ArgumentResult result)
    {
        const int Usual = 2;
        if (result.Tokens.Count == 0)
            return Usual;
        var text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 3600)
            return seconds;
        result.AddError($"--watch '{text}': give a number of seconds from 0 to 3600");
        return Usual;
    }

    private static IEnumerable<string> Split(IEnumerable<string> values) =>
        values.SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
