using System.CommandLine;
using System.Globalization;
using Reprise.Cli.Cluster;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Audit;

/// <summary><c>reprise audit</c>: who did what, and whether the record of it holds together (exit 1 if not).</summary>
internal static class AuditCommand
{
    private const int UsualLast = 100;

    private static readonly Option<bool> Follow = new("--follow") { Description = "Go on with new entries as they come, until Ctrl-C." };

    private static readonly Option<bool> Verify = new("--verify")
    {
        Description = "Check that each entry follows from the one before; exit 1 names the first that does not.",
    };

    private static readonly Option<int?> Last = new("--last")
    {
        Description = $"Begin no more than this many entries before the newest. Default: {UsualLast}; with --verify all that are kept.",
        HelpName = "N",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
                return number;
            result.AddError($"--last '{text}': give a number from 1 to {int.MaxValue}");
            return null;
        },
    };

    public static Command Create(Screen screen)
    {
        var audit = new Command("audit", "Who did what to the keys, and who was refused.") { Follow, Verify, Last };
        audit.SetKeyPlaneAction(screen, (plane, parsed, cancellationToken) => RunAsync(plane, parsed, screen, cancellationToken));
        return audit;
    }

    private static async Task<int> RunAsync(KeyPlane plane, ParseResult parsed, Screen screen, CancellationToken cancellationToken)
    {
        var (follow, verify) = (parsed.GetValue(Follow), parsed.GetValue(Verify));
        var last = parsed.GetValue(Last) ?? (verify ? 0 : UsualLast);
        var view = new AuditView(screen, parsed.GetValue(CommonOptions.Json));
        var (chain, entries) = (new AuditChain(), new List<AuditEntry>());
        string? fault = null;
        await plane.ListenAsync(
            client => client.Audit(
                // Where another key service has to go on, it goes on from the last entry that was told.
                new AuditRequest { After = chain.To, Follow = follow, Last = chain.To > 0 ? 0 : last }, cancellationToken: cancellationToken),
            entry =>
            {
                var wrong = chain.Add(entry);
                fault ??= verify ? wrong : null;
                if (follow)
                    view.WriteLine(entry);
                else
                    entries.Add(entry);
                return fault is null || !follow;
            },
            cancellationToken);
        if (!follow)
            view.WriteAll(entries, verify && fault is null ? chain : null);
        return fault is null ? ExitCode.Done : throw new CliException($"the audit does not hold: {fault}", ExitCode.Failed);
    }
}
