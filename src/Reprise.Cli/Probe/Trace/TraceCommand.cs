using System.CommandLine;
using Reprise.Cli.Probe.Capture;
using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Matrix;
using Reprise.Cli.Terminal;

namespace Reprise.Cli.Probe.Trace;

/// <summary><c>reprise probe --trace</c> and <c>--pcap</c>: what passes the wire between one pair of nodes and their client.</summary>
internal static class TraceCommand
{
    private static readonly Option<bool> Trace = new("--trace")
    {
        Description = "Tell the story of one pair, message by message: a session of the first of --nodes, offered to the second.",
    };

    private static readonly Option<string?> Pcap = new("--pcap")
    {
        Description = "With --trace: write both connections as a new pcapng FILE that Wireshark opens decrypted. It holds their secrets: only its owner can read it.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Between = new("--between")
    {
        Description = "With --trace: a shell command to run after the first connection and before the second, to see what becomes of the session.",
        HelpName = "COMMAND",
    };

    public static IReadOnlyList<Option> Options { get; } = [Trace, Pcap, Between];

    /// <param name="probe">The command.</param>
    /// <param name="others">Options of it that mean nothing to a trace.</param>
    public static void AddTo(Command probe, params IReadOnlyList<Option> others)
    {
        foreach (var option in Options)
            probe.Add(option);
        probe.Validators.Add(result =>
        {
            var wanted = result.GetValue(Trace);
            var misplaced = (wanted ? others : [Pcap, Between]).FirstOrDefault(option => result.GetResult(option) is { Implicit: false });
            if (misplaced is not null)
                result.AddError($"{misplaced.Name} {(wanted ? "does not go" : "goes")} with --trace");
        });
    }

    public static bool IsWanted(ParseResult parsed) => parsed.GetValue(Trace);

    /// <param name="parsed">The command line.</param>
    /// <param name="nodes">The first is where sessions are made, the second, if there is one, where they are offered.</param>
    /// <param name="cases">Traced in turn; those of clients that tell no messages are left out.</param>
    /// <param name="authorityFile">PEM file of the CA of the nodes' server certificates.</param>
    /// <param name="screen">Where to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<int> RunAsync(
        ParseResult parsed, IReadOnlyList<ProbeNode> nodes, IReadOnlyList<ProbeCase> cases, string authorityFile, Screen screen, CancellationToken cancellationToken)
    {
        var wanted = cases.Where(way => way.Client is OpenSslProbeClient).ToList();
        if (wanted.Count == 0)
            throw new CliException("--trace follows OpenSSL: Bouncy Castle does not tell its messages");
        var tracer = new Tracer(
            nodes[0], nodes.Count > 1 ? nodes[1] : nodes[0], authorityFile,
            parsed.GetValue(Between) is { } command ? token => ShellStep.RunAsync(command, screen, token) : null, TimeProvider.System);
        var json = parsed.GetValue(CommonOptions.Json);
        var view = new TraceView(screen);

        var file = parsed.GetValue(Pcap);
        await using var capture = file is null ? null : CaptureFile.Create(file);
        var traces = new List<PairTrace>();
        try
        {
            foreach (var way in wanted)
            {
                var trace = await tracer.TraceAsync(way, cancellationToken);
                traces.Add(trace);
                foreach (var connection in trace.Connections)
                    capture?.Write(connection.Recording);
                if (!json)
                    view.Write(trace);
            }

            if (json)
                view.WriteJson(traces, file);
            else if (file is not null)
                screen.Out.WriteLine($"{file} has all of it with the secrets that decrypt it; only you can read it.");
            return Verdict(traces);
        }
        finally
        {
            foreach (var trace in traces)
                trace.Dispose();
        }
    }

    private static int Verdict(List<PairTrace> traces)
    {
        if (traces.Find(trace => trace.Outcome == PairOutcome.Unknown) is { } unknown)
            throw new CliException(unknown.Summary.TrimEnd('.'));
        return traces.TrueForAll(trace => trace.Outcome == PairOutcome.Resumed) ? ExitCode.Done : ExitCode.Failed;
    }
}
