using Reprise.Cli.Cluster;
using Reprise.Cli.Progress;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Keys;

/// <summary><c>keys rotate</c>. The rotation is the service's own: leaving early does not stop it.</summary>
internal static class Rotate
{
    public static async Task<int> StartAsync(KeyPlane plane, Screen screen, bool json, CancellationToken cancellationToken)
    {
        var rotation = new Rotation();
        await plane.FollowAsync((client, key) => client.Rotate(new() { IdempotencyKey = key }, cancellationToken: cancellationToken), step =>
        {
            rotation.Apply(step);
            return rotation.Epoch == 0;
        }, cancellationToken);
        if (json)
            screen.WriteJson(new { epoch = rotation.Epoch, generation = rotation.StagingGeneration, nodes = rotation.Nodes.Select(node => node.Name) });
        else
            screen.Out.WriteLine($"Rotation started: epoch {rotation.Epoch} is staged at {rotation.Nodes.Count} nodes; the key service goes on by itself.");
        return ExitCode.Done;
    }

    public static async Task<int> ToItsEndAsync(KeyPlane plane, Screen screen, bool json, CancellationToken cancellationToken)
    {
        var rotation = new Rotation();
        await ProgressView.WatchAsync(rotation, told => plane.FollowAsync(
            (client, key) => client.Rotate(new RotateRequest { IdempotencyKey = key }, cancellationToken: cancellationToken),
            step =>
            {
                told(step);
                return rotation.Complete is null;
            },
            cancellationToken), screen, json);
        return Verdict(rotation);
    }

    /// <exception cref="CliException">It did not come to its end, or not on all nodes.</exception>
    public static int Verdict(Rotation rotation) => rotation.Complete switch
    {
        null => throw new CliException("the key service ended the call before the rotation was done"),
        false => AcknowledgementReport.Verdict(rotation.Laggards, $"epoch {rotation.Epoch} is active"),
        true => ExitCode.Done,
    };
}
