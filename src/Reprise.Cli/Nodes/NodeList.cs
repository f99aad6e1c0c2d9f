using Reprise.Cli.Cluster;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Spectre.Console;

namespace Reprise.Cli.Nodes;

/// <summary><c>nodes list</c>: who holds the key ring, who lags, and by which certificate they are known.</summary>
internal static class NodeList
{
    public static async Task<int> ShowAsync(KeyPlane plane, Screen screen, bool json, CancellationToken cancellationToken)
    {
        var answer = await plane.AskAsync(client => client.NodesAsync(new NodesRequest(), cancellationToken: cancellationToken), cancellationToken);
        if (json)
            screen.WriteJson(new { service = answer.Service, generation = answer.Generation, now = answer.Now?.ToDateTimeOffset(), nodes = answer.Nodes.Select(ToJson) });
        else
            screen.Console.Write(Full(answer));
        return ExitCode.Done;
    }

    /// <summary>For <c>keys list</c>.</summary>
    public static Table Brief(NodesResponse answer)
    {
        var table = new Table().Title("Nodes").Border(TableBorder.Simple).AddColumns("node", "live", "generation", "lag", "last seen", "address", "version");
        foreach (var node in answer.Nodes)
        {
            table.AddRow(
                Format.Cell(node.Name), Live(node), Format.Number(node.AcknowledgedGeneration), Lag(node), Format.Date(node.LastSeen),
                Format.Cell(node.Address), Format.Cell(node.Version));
        }

        return table;
    }

    public static object ToJson(NodeMetadata node) => new
    {
        name = node.Name,
        live = node.Live,
        removed = node.Removed,
        acknowledgedGeneration = node.AcknowledgedGeneration,
        lagSeconds = node.Lag?.ToTimeSpan().TotalSeconds,
        connectedAt = node.ConnectedAt?.ToDateTimeOffset(),
        lastSeen = node.LastSeen?.ToDateTimeOffset(),
        clockOffsetSeconds = node.ClockOffset?.ToTimeSpan().TotalSeconds,
        address = node.Address,
        version = node.Version,
        service = node.Service,
        serial = node.Serial,
        handshakesPerSecond = node.HandshakesPerSecond(),
        resumptionRate = node.ResumptionRate(),
        handshakes = ToJson(node.Handshakes),
        recentHandshakes = ToJson(node.RecentHandshakes),
        recentSeconds = node.RecentSpan?.ToTimeSpan().TotalSeconds,
        profiles = node.Profiles.Select(profile => new { name = profile.Name, stateful = profile.Stateful, stateless = profile.Stateless }),
    };

    private static object? ToJson(HandshakeCounts? counts) => counts is null ? null : new
    {
        full = counts.Full,
        stateful = counts.Stateful,
        stateless = counts.Stateless,
        failed = counts.Failed,
        resumedFrom = counts.ResumedFrom.Select(each => new { issuer = each.Name, count = each.Count }),
        declined = counts.Declined.Select(each => new { reason = each.Name, count = each.Count }),
    };

    // In two, so that neither is wider than a terminal is.
    private static Rows Full(NodesResponse answer)
    {
        var table = new Table().Title($"Nodes (generation {answer.Generation}, by {Format.Cell(answer.Service)})").Border(TableBorder.Simple)
            .AddColumns("node", "live", "generation", "lag", "clock", "handshakes", "resumed", "last seen");
        var identities = new Table().Border(TableBorder.Simple).AddColumns("node", "serial number", "key service", "address", "version");
        foreach (var node in answer.Nodes)
        {
            table.AddRow(
                Format.Cell(node.Name), Live(node), Format.Number(node.AcknowledgedGeneration), Lag(node), Format.Seconds(node.ClockOffset, signed: true),
                Format.PerSecond(node.HandshakesPerSecond()), Format.Percent(node.ResumptionRate()), Format.Date(node.LastSeen));
            identities.AddRow(Format.Cell(node.Name), Format.Cell(node.Serial), Format.Cell(node.Service), Format.Cell(node.Address), Format.Cell(node.Version));
        }

        return new Rows(table, identities);
    }

    private static string Live(NodeMetadata node) => node.Removed ? "[red]removed[/]" : node.Live ? "[green]yes[/]" : "[red]no[/]";

    // Of one that is gone it says nothing.
    private static string Lag(NodeMetadata node) => node.Lag is null ? "0" : node.Live ? $"[red]{Format.Seconds(node.Lag)}[/]" : "";
}
