using System.Globalization;
using System.Net.Security;
using Reprise.Cli.Terminal;
using Reprise.Core.Sessions;
using Reprise.KeyProtocol.V1;
using Spectre.Console;

namespace Reprise.Cli.Explain;

/// <summary>An explanation as two tables, what it is and what nodes would do, or as JSON.</summary>
internal static class ExplanationView
{
    public static void Write(Explanation explanation, Screen screen)
    {
        var what = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
        foreach (var (name, text) in Describe(explanation).Where(row => row.Text.Length > 0))
            what.AddRow(Format.Cell(name), Format.Cell(text));
        screen.Console.Write(what);

        var nodes = new Table().Border(TableBorder.Simple).AddColumns("node", "generation", "offered to", "would", "why");
        foreach (var node in explanation.Nodes)
        {
            var (verdict, why) = Verdict(node);
            nodes.AddRow(
                Format.Cell(node.Name), node.Explanation is { } said ? GenerationOf(said, explanation.Generation) : "", Format.Cell(node.Explanation?.OfferedTo ?? ""),
                verdict, Format.Cell(why));
        }

        screen.Console.Write(nodes);
        if (explanation.Nodes.Count == 0)
            screen.Out.WriteLine("No node is live: nobody could be asked.");
    }

    public static object ToJson(Explanation explanation) => new
    {
        now = explanation.Now,
        generation = explanation.Generation,
        bytes = explanation.Given.Offer.Session.Length,
        sni = explanation.Offer.ServerName.Length > 0 ? explanation.Offer.ServerName : null,
        session = explanation.Facts is { } facts ? Facts(facts, explanation.Now) : null,
        nodes = explanation.Nodes.Select(node => new
        {
            node = node.Name,
            keyService = node.Service,
            answered = node.Explanation is not null,
            generation = node.Explanation?.Generation,
            offeredTo = Text(node.Explanation?.OfferedTo),
            served = node.Explanation is { } said ? !said.NotServed : (bool?)null,
            resumes = node.Explanation is null ? (bool?)null : Explanation.Resumes(node),
            declined = Text(node.Explanation?.Declined),
            session = node.Explanation is { NotServed: false } own ? Facts(own, explanation.Now) : null,
        }),
    };

    private static object Facts(SessionExplanation said, DateTimeOffset now) => new
    {
        kind = KindName(said.Kind),
        profile = Text(said.Profile),
        scope = said.ScopeTag != 0 ? Scope.FormatTag(said.ScopeTag) : null,
        epoch = said.Epoch != 0 ? said.Epoch : (long?)null,
        epochState = StateName(said.EpochState),
        epochOpenUntil = said.OpenUntil?.ToDateTimeOffset(),
        issuer = Text(said.Issuer),
        originalHandshake = said.OriginalHandshake?.ToDateTimeOffset(),
        ageSeconds = Age(said, now)?.TotalSeconds,
        expiresAt = said.ExpiresAt?.ToDateTimeOffset(),
        protocol = Protocol(said),
        cipher = Cipher(said),
        extendedMasterSecret = said.HasExtendedMasterSecret ? said.ExtendedMasterSecret : (bool?)null,
        clientCertificate = said.Issuer.Length > 0 ? said.ClientCertificate : (bool?)null,
        storedBytes = said.StoredBytes > 0 ? said.StoredBytes : (uint?)null,
        nearby = said.Nearby,
    };

    private static IEnumerable<(string Name, string Text)> Describe(Explanation explanation)
    {
        var given = explanation.Given;
        yield return ("session", $"{KindName(explanation.Facts?.Kind ?? given.Offer.Kind)?.Replace('_', ' ') ?? "session ID or handle"} of {given.Offer.Session.Length} bytes, {given.Source}");
        if (explanation.Facts is not { } facts)
            yield break;
        yield return ("made for", facts.Profile.Length > 0 ? $"profile {facts.Profile}, scope {Scope.FormatTag(facts.ScopeTag)}"
            : facts.ScopeTag != 0 ? $"scope {Scope.FormatTag(facts.ScopeTag)}, which no profile has now" : "");
        yield return ("made by", facts.Issuer.Length > 0 ? $"{facts.Issuer}, {Protocol(facts)}, {Cipher(facts)}{(facts is { HasExtendedMasterSecret: true, ExtendedMasterSecret: false } ? ", without extended master secret" : "")}" : "");
        yield return ("age", Age(facts, explanation.Now) is { } age && facts.ExpiresAt?.ToDateTimeOffset() is { } end
            ? $"{Time(age)} since its full handshake, {Format.Date(facts.OriginalHandshake)}; {(end > explanation.Now ? "good" : "was good")} until {Format.Date(facts.ExpiresAt)}"
            : "");
        yield return ("epoch", facts.Epoch != 0 ? $"{Format.Number(facts.Epoch)}, {Epoch(facts, explanation.Now)}" : "");
        yield return ("client", facts.ClientCertificate ? "has proved who it is; its certificate is verified again when it comes" : "");
        yield return ("in the store", facts.StoredBytes > 0 ? $"{Format.Number(facts.StoredBytes)} bytes, sealed" : "");
    }

    private static (string Verdict, string Why) Verdict(ExplainResponse.Types.Node node) => node switch
    {
        { Explanation: null, NoAnswer: ExplainResponse.Types.NoAnswer.Elsewhere } => ("[yellow]not asked[/]", $"its stream is with the key service {node.Service}, which has not been asked"),
        { Explanation: null } => ("[yellow]no answer[/]", "it has not answered within 2 s"),
        { Explanation.NotServed: true } => ("[red]refuse it[/]", "it serves no such profile: the client gets an alert"),
        { Explanation.Declined: "" } => ("[green]resume it[/]", node.Explanation.Nearby ? "from its own memory" : ""),
        _ => ("[red]decline it[/]", $"{node.Explanation.Declined}: {ReasonText.Of(node.Explanation.Declined)}"),
    };

    private static string GenerationOf(SessionExplanation said, long newest) =>
        said.Generation < newest ? $"{Format.Number(said.Generation)} [yellow](behind)[/]" : Format.Number(said.Generation);

    private static string Epoch(SessionExplanation facts, DateTimeOffset now) => facts.EpochState switch
    {
        EpochState.Unspecified => "which the node does not know",
        EpochState.Destroyed when facts.OpenUntil is { } until && until.ToDateTimeOffset() > now => "revoked",
        EpochState.Destroyed => facts.OpenUntil is null ? "destroyed" : $"destroyed; its time was over at {Format.Date(facts.OpenUntil)}",
        _ => $"{StateName(facts.EpochState)}; opens until {Format.Date(facts.OpenUntil)}",
    };

    private static string? KindName(SessionKind kind) => kind switch
    {
        SessionKind.Ticket => "ticket",
        SessionKind.SessionId => "session_id",
        SessionKind.Handle => "handle",
        _ => null,
    };

#pragma warning disable CA1308 // names as DESIGN §13 spells them, not a normalization
    private static string? StateName(EpochState state) => state is EpochState.Unspecified ? null : state.ToString().ToLowerInvariant();
#pragma warning restore CA1308

    private static string? Protocol(SessionExplanation said) => said.TlsVersion switch
    {
        0x0303 => "TLSv1.2",
        0x0304 => "TLSv1.3",
        _ => null,
    };

    private static string? Cipher(SessionExplanation said) => said.CipherSuite == 0 ? null : ((TlsCipherSuite)said.CipherSuite).ToString();

    private static TimeSpan? Age(SessionExplanation said, DateTimeOffset now) =>
        said.OriginalHandshake?.ToDateTimeOffset() is { } at ? (now > at ? now - at : TimeSpan.Zero) : null;

    private static string Time(TimeSpan time) => TimeSpan.FromSeconds(Math.Round(time.TotalSeconds)).ToString("c", CultureInfo.InvariantCulture);

    private static string? Text(string? text) => text is { Length: > 0 } ? text : null;
}
