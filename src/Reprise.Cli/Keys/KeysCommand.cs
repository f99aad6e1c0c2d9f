using System.CommandLine;
using Grpc.Core;
using Reprise.Cli.Cluster;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.Client;

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
        list.SetAction((parsed, cancellationToken) => CallAsync(parsed, channel =>
            KeyList.ShowAsync(channel, screen, parsed.GetValue(CommonOptions.Json), cancellationToken), cancellationToken));

        var rotate = new Command("rotate", "Make a new epoch the one that seals, once every node can open it.") { Wait };
        rotate.AddKeyServiceOptions();
        rotate.SetAction((parsed, cancellationToken) => CallAsync(parsed, channel =>
        {
            var view = RotationView.For(screen, parsed.GetValue(CommonOptions.Json));
            return parsed.GetValue(Wait)
                ? Rotate.ToItsEndAsync(channel, view, cancellationToken)
                : Rotate.StartAsync(channel, view, cancellationToken);
        }, cancellationToken));

        return new Command("keys", "Ticket keys of the cluster.") { list, rotate };
    }

    private static async Task<int> CallAsync(ParseResult parsed, Func<KeyServiceChannel, Task<int>> call, CancellationToken cancellationToken)
    {
        using var channel = ClusterOptions.OpenKeyService(parsed);
        try
        {
            return await call(channel);
        }
        catch (RpcException failure) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("interrupted", failure, cancellationToken);
        }
        catch (RpcException failure)
        {
            // Another rotation is running: asked and answered. Everything else: nobody answered as an admin needs it.
            var code = failure.StatusCode == StatusCode.Aborted ? ExitCode.Failed : ExitCode.CouldNotRun;
            throw new CliException(channel.Explain(failure), code, failure);
        }
    }
}
