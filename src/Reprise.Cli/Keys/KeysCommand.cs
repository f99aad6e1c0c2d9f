using System.CommandLine;
using Reprise.Cli.Cluster;
using Reprise.Cli.Terminal;

namespace Reprise.Cli.Keys;

/// <summary><c>reprise keys</c>: epochs of ticket keys, by the admin API of the key service.</summary>
internal static class KeysCommand
{
    private static readonly Option<bool> Wait = new("--wait")
    {
        Description = "Stay until every node has acknowledged, and name those that have not (exit 1).",
    };

    private static readonly Argument<long> Epoch = NumberArgument.Create("EPOCH", "Its number, as keys list has it.", "the number of an epoch (see keys list)");

    private static readonly Option<bool> PurgeSessions = new("--purge-sessions")
    {
        Description = "End all stored sessions of all profiles besides, whatever they are sealed under.",
    };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask for the epoch's number to be typed." };

    public static Command Create(Screen screen)
    {
        var list = new Command("list", "Epochs with their states and use, and the nodes that hold them.");
        list.SetKeyPlaneAction(screen, (plane, parsed, cancellationToken) =>
            KeyList.ShowAsync(plane, screen, parsed.GetValue(CommonOptions.Json), cancellationToken));

        var rotate = new Command("rotate", "Make a new epoch the one that seals, once every node can open it.") { Wait };
        rotate.SetKeyPlaneAction(screen, (plane, parsed, cancellationToken) => parsed.GetValue(Wait)
            ? Rotate.ToItsEndAsync(plane, screen, parsed.GetValue(CommonOptions.Json), cancellationToken)
            : Rotate.StartAsync(plane, screen, parsed.GetValue(CommonOptions.Json), cancellationToken));

        var revoke = new Command("revoke", "Destroy an epoch on all nodes at once: nothing that was sealed under it resumes any more.") { Epoch, PurgeSessions, Yes };
        revoke.SetKeyPlaneAction(
            screen,
            (plane, parsed, cancellationToken) => Revoke.RunAsync(
                plane, parsed.GetValue(Epoch), parsed.GetValue(PurgeSessions), screen, parsed.GetValue(CommonOptions.Json), cancellationToken),
            ask: parsed =>
            {
                if (!parsed.GetValue(Yes))
                    Revoke.Ask(parsed.GetValue(Epoch), parsed.GetValue(PurgeSessions), screen);
            });

        return new Command("keys", "Ticket keys of the cluster.") { list, rotate, revoke };
    }
}
