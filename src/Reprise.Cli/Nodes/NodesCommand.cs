using System.CommandLine;
using Reprise.Cli.Cluster;
using Reprise.Cli.Progress;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Nodes;

/// <summary><c>reprise nodes</c>: who is in the cluster, and who is to be no longer.</summary>
internal static class NodesCommand
{
    private static readonly Argument<string> Node = new("NAME") { Description = "The node's name, as nodes list has it." };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask for the node's name to be typed." };

    public static Command Create(Screen screen)
    {
        var list = new Command("list", "Every node that the key services have seen: live, acknowledged, lag, clock, certificate.");
        list.SetKeyPlaneAction(screen, (plane, parsed, cancellationToken) =>
            NodeList.ShowAsync(plane, screen, parsed.GetValue(CommonOptions.Json), cancellationToken));

        var remove = new Command("remove", "Refuse a node's certificates from now on, cut its stream, and rotate.") { Node, Yes };
        remove.SetKeyPlaneAction(
            screen,
            (plane, parsed, cancellationToken) => RemoveAsync(plane, parsed.GetRequiredValue(Node), screen, parsed.GetValue(CommonOptions.Json), cancellationToken),
            ask: parsed =>
            {
                if (!parsed.GetValue(Yes))
                    Ask(parsed.GetRequiredValue(Node), screen);
            });

        return new Command("nodes", "Nodes of the cluster.") { list, remove };
    }

    private static void Ask(string node, Screen screen) => screen.RequireTyped(
        $"The certificates of {node} are refused from now on, and it is sent no key any more. It keeps those that it has (keys revoke ends them).",
        node, "the node's name", "nothing was removed");

    private static async Task<int> RemoveAsync(KeyPlane plane, string node, Screen screen, bool json, CancellationToken cancellationToken)
    {
        var removal = new Removal(node);
        await ProgressView.WatchAsync(removal, told => plane.FollowAsync(
            (client, key) => client.RemoveNode(new RemoveNodeRequest { Node = node, IdempotencyKey = key }, cancellationToken: cancellationToken),
            step =>
            {
                told(step);
                return removal.Rotation.Complete is null;
            },
            cancellationToken), screen, json);
        return removal.Rotation.Complete is null
            ? throw new CliException("the key service ended the call before the rotation was done")
            : AcknowledgementReport.Verdict(removal.Laggards, $"{node} is removed, and epoch {removal.Rotation.Epoch} is active");
    }
}
