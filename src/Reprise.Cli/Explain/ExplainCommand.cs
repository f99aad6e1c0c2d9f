using System.CommandLine;
using Reprise.Cli.Cluster;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Explain;

/// <summary><c>reprise explain</c>: what a session is, and what each node would do if it were offered now (exit 1 if one would not resume it).</summary>
internal static class ExplainCommand
{
    // Nodes have two seconds; a key service that hangs is not waited for any longer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly Argument<string> Session = new("session")
    {
        Description = "A ticket, session ID or TLS 1.3 handle, in hexadecimal or base64; or a session file as 'openssl s_client -sess_out' writes it.",
        HelpName = "TICKET|SESSION-ID|FILE",
    };

    private static readonly Option<string?> Sni = new("--sni")
    {
        Description = "The server name that the client would send. Default: that of the file; else it is offered to the profile that it was made for.",
        HelpName = "HOST",
    };

    private static readonly Option<string?> Profile = new("--profile") { Description = "The same by the profile's name.", HelpName = "NAME" };

    public static Command Create(Screen screen)
    {
        var explain = new Command("explain", "What a session is, and what each node would do with it. Looks only: a single-use handle is not used up.") { Session, Sni, Profile };
        explain.Validators.Add(result =>
        {
            if (result.GetValue(Sni) is not null && result.GetValue(Profile) is not null)
                result.AddError("give --sni or --profile, not both");
        });
        explain.SetKeyPlaneAction(screen, (plane, parsed, cancellationToken) => RunAsync(plane, parsed, screen, cancellationToken));
        return explain;
    }

    private static async Task<int> RunAsync(KeyPlane plane, ParseResult parsed, Screen screen, CancellationToken cancellationToken)
    {
        var given = GivenSession.Read(parsed.GetValue(Session)!);
        var offer = given.Offer.Clone();
        (offer.Profile, var sni) = (parsed.GetValue(Profile) ?? "", parsed.GetValue(Sni));
        // A file's name is that of its own time: it only stands in where nothing was said.
        offer.ServerName = sni ?? (offer.Profile.Length > 0 ? "" : offer.ServerName);
        var (answers, failures) = await plane.AskEachAsync(
            client => client.ExplainAsync(new ExplainRequest { Offer = offer }, deadline: DateTime.UtcNow + Patience, cancellationToken: cancellationToken), cancellationToken);
        foreach (var failure in failures)
            screen.Error.WriteLine($"reprise: {Format.Plain(failure)}");
        var explanation = new Explanation(given, offer, answers);
        if (parsed.GetValue(CommonOptions.Json))
            screen.WriteJson(ExplanationView.ToJson(explanation));
        else
            ExplanationView.Write(explanation, screen);
        return explanation.Nodes.Count > 0 && explanation.Nodes.All(Explanation.Resumes) ? ExitCode.Done : ExitCode.Failed;
    }
}
