using System.CommandLine;
using Reprise.Cli.Audit;
using Reprise.Cli.Certs;
using Reprise.Cli.Demo;
using Reprise.Cli.Explain;
using Reprise.Cli.Keys;
using Reprise.Cli.Nodes;
using Reprise.Cli.Probe;
using Reprise.Cli.Profiles;
using Reprise.Cli.Sessions;
using Reprise.Cli.Terminal;
using Reprise.Cli.Up;

namespace Reprise.Cli;

/// <summary>Parses, runs one command, and turns every foreseen failure into one line on stderr and an exit code.</summary>
internal static class RepriseCommand
{
    private static readonly IReadOnlyList<Func<Screen, Command>> Features =
    [
        UpCommand.Create, ProbeCommand.Create, KeysCommand.Create, NodesCommand.Create, ProfilesCommand.Create, SessionsCommand.Create,
        ExplainCommand.Create, AuditCommand.Create, DemoCommand.Create, CertsCommand.Create, UpstreamCommand.Create,
    ];

    public static async Task<int> RunAsync(IReadOnlyList<string> args, Screen screen, CancellationToken cancellationToken)
    {
        var root = new RootCommand("Reprise: TLS edge nodes that resume each other's sessions.") { CommonOptions.Json };
        foreach (var feature in Features)
            root.Add(feature(screen));

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
            return screen.Fail(Explain(parsed), ExitCode.CouldNotRun);

        try
        {
            // Signals are ours (StopSignals): `up` needs longer than the library's two seconds to stop its children.
            var invocation = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = screen.Out,
                Error = screen.Error,
            };
            return await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (CliException failure)
        {
            return screen.Fail(failure.Message, failure.ExitCode);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return screen.Fail("interrupted", ExitCode.Interrupted);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return screen.Fail(failure.Message, ExitCode.CouldNotRun);
        }
    }

    // An unknown word also leaves a command missing; the word is the better explanation.
    private static string Explain(ParseResult parsed) => parsed.UnmatchedTokens.Count > 0
        ? $"unknown command or option '{parsed.UnmatchedTokens[0]}' (see reprise --help)"
        : parsed.Errors[0].Message + " (see reprise --help)";
}
