using System.Globalization;
using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Matrix;
using Reprise.Cli.Terminal;
using Reprise.Tls.Client.Recording;
using Spectre.Console;

namespace Reprise.Cli.Probe.Trace;

/// <summary>Shows traces: a line per message with what it means below, and what came of it; or all of it as JSON.</summary>
internal sealed class TraceView(Screen screen)
{
    private const int ShownOfAnId = 16; // hex digits; nobody compares more by eye

    public void Write(PairTrace trace)
    {
        screen.Out.WriteLine($"{trace.Case.Title}, SNI {trace.Case.ServerName}");
        foreach (var connection in trace.Connections)
            Write(connection);
        screen.Out.WriteLine(Format.Plain(trace.Summary));
        screen.Out.WriteLine();
    }

    public void WriteJson(IReadOnlyList<PairTrace> traces, string? capture) => screen.WriteJson(new
    {
        resumed = traces.Count(trace => trace.Outcome == PairOutcome.Resumed),
        total = traces.Count,
        capture,
        traces = traces.Select(trace => new
        {
            tls = trace.Case.Version.ToName(),
            mode = trace.Case.Mode.ToName(),
            client = trace.Case.Client.Name,
            sni = trace.Case.ServerName,
            outcome = trace.Outcome,
            summary = trace.Summary,
            connections = trace.Connections.Select(connection => new
            {
                node = connection.Node.Name,
                client = connection.Recording.Client?.ToString(),
                server = connection.Node.EndPoint.ToString(),
                offered = connection.OfferedSession,
                connection.Resumed,
                failure = connection.Failure,
                handshake = HandshakeCost.Of(connection.Recording),
                messages = connection.Messages,
                truncated = connection.Recording.Truncated,
                report = connection.Report,
            }),
        }),
    });

    private void Write(TracedConnection connection)
    {
        var offer = connection.OfferedSession ? "the session is offered" : "no session is offered";
        var from = connection.Recording.Client is { } own ? $"{own} to " : "";
        screen.Out.WriteLine($"{connection.Node.Name}, {from}{connection.Node.EndPoint}: {offer}");
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn("ms", right => right.RightAligned()).AddColumn("way")
            .AddColumn("bytes", right => right.RightAligned()).AddColumn("message").AddColumn("what");
        foreach (var message in connection.Messages)
        {
            table.AddRow(
                string.Create(CultureInfo.InvariantCulture, $"{message.Milliseconds:0.0} ms"), message.Direction == WireDirection.Sent ? "-->" : "<--",
                Format.Number(message.Bytes), $"[bold]{Format.Cell(message.Type)}[/]", What(message));
        }

        screen.Console.Write(table);
        if (HandshakeCost.Of(connection.Recording) is { } cost)
            screen.Out.WriteLine($"Handshake: {cost}.");
        if (connection.Report is { } report)
            screen.Out.WriteLine(Format.Plain($"{report.Node} says: {Told(report)}."));
        if (connection.Recording.Truncated)
            screen.Out.WriteLine($"More than {WireRecording.MaxContent / 1024} KB passed: the rest was not kept.");
        screen.Out.WriteLine();
    }

    private static string Told(NodeReport report) =>
        report.Resumed ? $"{report.Mode}, session of {report.Issuer ?? "nobody"}{(report.Epoch is { } epoch ? $", epoch {epoch}" : "")}"
        : report.DeclineReason is { } reason ? $"full, declined: {reason}"
        : "full";

    private static string What(TracedMessage message)
    {
        var facts = Format.Cell(string.Join(", ", Facts(message)));
        var meaning = message.Meaning is { } text ? $"[dim]{Format.Cell(text)}[/]" : "";
        return facts.Length > 0 && meaning.Length > 0 ? $"{facts}\n{meaning}" : facts + meaning;
    }

    private static IEnumerable<string> Facts(TracedMessage message) => message switch
    {
        { ClientHello: { } hello } => Facts(hello),
        { ServerHello: { } hello } => Facts(hello),
        { Certificate: { } chain } => [$"certificates: {chain.Count}", $"{chain.Bytes} bytes"],
        { NewSessionTicket: { } ticket } => [Describe(ticket), $"lifetime {ticket.LifetimeSeconds} s"],
        { Alpn: { } protocol } => [$"ALPN {protocol}"],
        { Alert: { } alert } => [alert],
        _ => [],
    };

    private static IEnumerable<string> Facts(ClientHelloFacts hello)
    {
        yield return string.Join('/', hello.Versions);
        yield return $"session ID {Describe(hello.SessionId)}";
        yield return hello.TicketBytes switch
        {
            null => "no ticket extension",
            0 => "ticket extension empty",
            { } bytes => $"ticket of {bytes} bytes, key name {hello.TicketKeyName ?? "none"}",
        };
        foreach (var (psk, index) in hello.PskIdentities.Select((psk, index) => (psk, index)))
            yield return $"PSK {index}: {Describe(psk)}, binder of {hello.BinderBytes.ElementAtOrDefault(index)} bytes";
        if (hello.PskModes.Count > 0)
            yield return string.Join('/', hello.PskModes);
        if (hello.KeyShares.Count > 0)
            yield return $"key share {string.Join('/', hello.KeyShares)}";
        yield return hello.ServerName is { } name ? $"SNI {name}" : "no SNI";
        if (hello.Alpn.Count > 0)
            yield return $"ALPN {string.Join('/', hello.Alpn)}";
    }

    private static IEnumerable<string> Facts(ServerHelloFacts hello)
    {
        yield return hello.Version;
        yield return hello.SessionIdIs == ServerHelloFacts.Empty ? "session ID empty" : $"session ID {hello.SessionIdIs} {Describe(hello.SessionId)}";
        yield return hello.Cipher;
        if (hello.TicketFollows)
            yield return "ticket extension";
        if (hello.IsTls13)
            yield return hello.SelectedPsk is { } selected ? $"PSK {selected} selected" : "no PSK selected";
        if (hello.KeyShare is { } group)
            yield return $"key share {group}";
    }

    private static string Describe(TicketFacts ticket) => $"{ticket.Kind} of {ticket.Bytes} bytes{(ticket.KeyName is { } name ? $", key name {name}" : "")}";

    private static string Describe(string id) => id.Length == 0 ? "empty" : $"of {id.Length / 2} bytes ({Short(id)})";

    private static string Short(string hex) => hex.Length <= ShownOfAnId ? hex : $"{hex[..ShownOfAnId]}..";
}
