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

    public static Command Create(Screen screen)
    {
        var list = new Command("list", "Epochs with their states and use, and the nodes that hold them.");
        list.AddKeyServiceOptions();
        list.SetAction((parsed, cancellationToken) => ClusterOptions.CallKeyServiceAsync(parsed, channel =>
            KeyList.ShowAsync(channel, screen, parsed.GetValue(CommonOptions.Json), cancellationToken), cancellationToken));

        var rotate = new Command("rotate", "Make a new epoch the one that seals, once every node can open it.") { Wait };
        rotate.AddKeyServiceOptions();
        rotate.SetAction((parsed, cancellationToken) => ClusterOptions.CallKeyServiceAsync(parsed, channel =>
        {
            var view = RotationView.For(screen, parsed.GetValue(CommonOptions.Json));
            return parsed.GetValue(Wait)
                ? Rotate.ToItsEndAsync(channel, view, cancellationToken)
                : Rotate.StartAsync(channel, view, cancellationToken);
        }, cancellationToken));

        return new Command("keys", "Ticket keys of the cluster.") { list, rotate };
    }
}
