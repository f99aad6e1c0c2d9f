using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;
using Spectre.Console;

namespace Reprise.Cli.Keys;

/// <summary><c>keys list</c>.</summary>
internal static class KeyList
{
    public static async Task<int> ShowAsync(KeyServiceChannel channel, Screen screen, bool json, CancellationToken cancellationToken)
    {
        var answer = await channel.Admin.ListAsync(new ListRequest(), cancellationToken: cancellationToken);
        var nodes = await channel.Admin.NodesAsync(new NodesRequest(), cancellationToken: cancellationToken);
        if (json)
            screen.WriteJson(ToJson(answer, nodes));
        else
            WriteTables(answer, nodes, screen);
        return ExitCode.Done;
    }

    private static void WriteTables(ListResponse answer, NodesResponse known, Screen screen)
    {
        var epochs = new Table().Title($"Epochs (generation {answer.Generation}, by {Markup.Escape(answer.Service)})")
            .Border(TableBorder.Simple).AddColumns("epoch", "state", "created", "active from", "opens until", "seals", "opens");
        foreach (var epoch in answer.Epochs)
        {
            epochs.AddRow(
                Number(epoch.Number), epoch.Sealing ? $"[green]{StateName(epoch.State)}, seals[/]" : StateName(epoch.State), Date(epoch.CreatedAt),
                Date(epoch.ActivatesAt), Date(epoch.OpenUntil), Number(epoch.Seals), Number(epoch.Opens));
        }

        var nodes = new Table().Title("Nodes")
            .Border(TableBorder.Simple).AddColumns("node", "live", "generation", "lag", "last seen", "address", "version");
        foreach (var node in known.Nodes)
        {
            var lag = answer.Generation - node.AcknowledgedGeneration;
            nodes.AddRow(
                Markup.Escape(node.Name), node.Live ? "[green]yes[/]" : "[red]no[/]", Number(node.AcknowledgedGeneration),
                lag == 0 ? "0" : $"[red]{Number(lag)}[/]", Date(node.LastSeen), Markup.Escape(node.Address), Markup.Escape(node.Version));
        }

        screen.Console.Write(epochs);
        screen.Console.Write(nodes);
    }

    private static object ToJson(ListResponse answer, NodesResponse known) => new
    {
        service = answer.Service,
        generation = answer.Generation,
        now = answer.Now?.ToDateTimeOffset(),
        epochs = answer.Epochs.Select(epoch => new
        {
            number = epoch.Number,
            state = StateName(epoch.State),
            sealing = epoch.Sealing,
            createdAt = epoch.CreatedAt?.ToDateTimeOffset(),
            activatesAt = epoch.ActivatesAt?.ToDateTimeOffset(),
            sealUntil = epoch.SealUntil?.ToDateTimeOffset(),
            openUntil = epoch.OpenUntil?.ToDateTimeOffset(),
            seals = epoch.Seals,
            opens = epoch.Opens,
        }),
        nodes = known.Nodes.Select(node => new
        {
            name = node.Name,
            live = node.Live,
            acknowledgedGeneration = node.AcknowledgedGeneration,
            connectedAt = node.ConnectedAt?.ToDateTimeOffset(),
            lastSeen = node.LastSeen?.ToDateTimeOffset(),
            address = node.Address,
            version = node.Version,
        }),
    };

    // A staged epoch has dates only from its activation on.
    private static string Date(Timestamp? at) => at?.ToDateTimeOffset().ToString("u", CultureInfo.InvariantCulture) ?? "";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

#pragma warning disable CA1308 // names as DESIGN §13 spells them, not a normalization
    private static string StateName(EpochState state) => state.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
