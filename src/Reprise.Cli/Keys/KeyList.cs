using System.Globalization;
using Reprise.Cli.Cluster;
using Reprise.Cli.Nodes;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;
using Spectre.Console;

namespace Reprise.Cli.Keys;

/// <summary><c>keys list</c>.</summary>
internal static class KeyList
{
    public static async Task<int> ShowAsync(KeyPlane plane, Screen screen, bool json, CancellationToken cancellationToken)
    {
        var answer = await plane.AskAsync(client => client.ListAsync(new ListRequest(), cancellationToken: cancellationToken), cancellationToken);
        var nodes = await plane.AskAsync(client => client.NodesAsync(new NodesRequest(), cancellationToken: cancellationToken), cancellationToken);
        if (json)
            screen.WriteJson(ToJson(answer, nodes));
        else
            WriteTables(answer, nodes, screen);
        return ExitCode.Done;
    }

    /// <summary>
    /// How much of what nodes have lately opened was under epochs that no longer seal, 0 to 1; null if they opened nothing. While it is
    /// not near 0, the end of these epochs costs their clients full handshakes.
    /// </summary>
    public static double? OldShare(ListResponse answer)
    {
        var all = answer.Epochs.Sum(epoch => epoch.RecentOpens);
        return all == 0 ? null : (double)answer.Epochs.Where(epoch => !epoch.Sealing).Sum(epoch => epoch.RecentOpens) / all;
    }

    private static void WriteTables(ListResponse answer, NodesResponse nodes, Screen screen)
    {
        var epochs = new Table()
            .Title($"Epochs (generation {answer.Generation}, by {Format.Cell(answer.Service)}; {(answer.Leader.Length > 0 ? $"{Format.Cell(answer.Leader)} leads" : "none leads")})")
            .Border(TableBorder.Simple).AddColumns("epoch", "state", "created", "active from", "opens until", "seals", "opens", "lately");
        foreach (var epoch in answer.Epochs)
        {
            epochs.AddRow(
                Format.Number(epoch.Number), State(epoch), Format.Date(epoch.CreatedAt), Format.Date(epoch.ActivatesAt), Format.Date(epoch.OpenUntil),
                Format.Number(epoch.Seals), Format.Number(epoch.Opens), Format.Number(epoch.RecentOpens));
        }

        screen.Console.Write(epochs);
        screen.Out.WriteLine(OldShare(answer) is { } old
            ? string.Create(CultureInfo.InvariantCulture, $"Of the resumptions in the last minute {100 * old:0.#} % were under an old epoch, one that seals no more.")
            : "No resumption in the last minute.");
        screen.Console.Write(NodeList.Brief(nodes));
    }

    private static object ToJson(ListResponse answer, NodesResponse nodes) => new
    {
        service = answer.Service,
        leader = answer.Leader.Length > 0 ? answer.Leader : null,
        generation = answer.Generation,
        now = answer.Now?.ToDateTimeOffset(),
        oldShare = OldShare(answer),
        epochs = answer.Epochs.Select(epoch => new
        {
            number = epoch.Number,
            state = StateName(epoch.State),
            sealing = epoch.Sealing,
            condemned = epoch.Condemned,
            createdAt = epoch.CreatedAt?.ToDateTimeOffset(),
            activatesAt = epoch.ActivatesAt?.ToDateTimeOffset(),
            sealUntil = epoch.SealUntil?.ToDateTimeOffset(),
            openUntil = epoch.OpenUntil?.ToDateTimeOffset(),
            seals = epoch.Seals,
            opens = epoch.Opens,
            recentOpens = epoch.RecentOpens,
        }),
        purges = answer.Purges.Select(purge => new { profile = purge.Profile.Length > 0 ? purge.Profile : null, number = purge.Number }),
        switches = answer.Switches.Select(set => new
        {
            profile = set.Profile,
            stateful = set.HasStateful ? set.Stateful : (bool?)null,
            stateless = set.HasStateless ? set.Stateless : (bool?)null,
            number = set.Number,
        }),
        nodes = nodes.Nodes.Select(NodeList.ToJson),
    };

    private static string State(EpochMetadata epoch) =>
        epoch.Condemned ? $"[red]{StateName(epoch.State)}, being revoked[/]"
        : epoch.Sealing ? $"[green]{StateName(epoch.State)}, seals[/]"
        : StateName(epoch.State);

#pragma warning disable CA1308 // names as DESIGN §13 spells them, not a normalization
    private static string StateName(EpochState state) => state.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
