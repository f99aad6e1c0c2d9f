using Reprise.Cli.Cluster;
using Reprise.Cli.Demo.Load;
using Reprise.Cli.Keys;
using Reprise.Cli.Probe.Clients;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Demo.Steps;

/// <summary>What steps do by the key plane.</summary>
internal static class KeyChanges
{
    /// <summary>
    /// Key services let a moment pass between two changes (<c>Rotation:MinimumSpacing</c>), do one at a time, and none while they
    /// settle who leads.
    /// </summary>
    private const int Tries = 5;

    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(1);

    public static Task<ListResponse> ListAsync(KeyPlane plane, CancellationToken cancellationToken) =>
        plane.AskAsync(client => client.ListAsync(new ListRequest(), cancellationToken: cancellationToken), cancellationToken);

    /// <summary>Rotates, and tells each acknowledgement.</summary>
    /// <exception cref="CliException">It did not come to its end.</exception>
    public static Task<Rotation> RotateAsync(DemoCluster cluster, Telling telling, CancellationToken cancellationToken) =>
        InsistAsync(cluster, async plane =>
        {
            var rotation = new Rotation();
            await plane.FollowAsync(
                (client, key) => client.Rotate(new RotateRequest { IdempotencyKey = key }, cancellationToken: cancellationToken),
                step =>
                {
                    rotation.Apply(step);
                    if (rotation.Line(step) is { } line)
                        telling.Line(line);
                    return rotation.Complete is null;
                },
                cancellationToken);
            return rotation.Complete is null ? throw new CliException("the key service ended the call before the rotation was done") : rotation;
        }, cancellationToken);

    /// <summary>Revokes, and tells each acknowledgement.</summary>
    /// <exception cref="CliException">It did not come to its end.</exception>
    public static Task<RevokeResponse.Types.Done> RevokeAsync(DemoCluster cluster, long epoch, Telling telling, CancellationToken cancellationToken) =>
        InsistAsync(cluster, async plane =>
        {
            var revocation = new Revocation(epoch);
            await plane.FollowAsync(
                (client, key) => client.Revoke(new RevokeRequest { Epoch = epoch, IdempotencyKey = key }, cancellationToken: cancellationToken),
                step =>
                {
                    revocation.Apply(step);
                    if (revocation.Line(step) is { } line)
                        telling.Line(line);
                    return revocation.Done is null;
                },
                cancellationToken);
            return revocation.Done ?? throw new CliException("the key service ended the call before the revocation was done");
        }, cancellationToken);

    /// <summary>The epochs under which the nodes seal now, by what they say after a full handshake.</summary>
    public static async Task<IReadOnlyDictionary<string, long?>> SealingAsync(DemoCluster cluster, CancellationToken cancellationToken)
    {
        var sealing = new Dictionary<string, long?>();
        var way = DemoCluster.StatelessWays.First();
        foreach (var node in cluster.Nodes)
        {
            try
            {
                using var exchange = await way.Client.ConnectAsync(way.Target(node, cluster.Authority), offer: null, cancellationToken);
                sealing[node.Name] = exchange.Report.Epoch;
            }
            catch (ProbeException)
            {
                sealing[node.Name] = null;
            }
        }

        return sealing;
    }

    /// <summary>Nothing failed, every ticket that was offered was taken, and stored sessions were declined for a late store at most.</summary>
    public static bool Undisturbed(LoadTally load) =>
        load.All.Failed == 0
        && load.Of(ResumptionMode.Stateless).Declined == 0
        && load.Of(ResumptionMode.Stateful).Declines.Keys.All(IsStoreReason);

    /// <summary><c>store_miss</c>, <c>store_timeout</c> or <c>store_error</c> (DESIGN §10).</summary>
    public static bool IsStoreReason(string reason) => reason.StartsWith("store_", StringComparison.Ordinal);

    private static async Task<T> InsistAsync<T>(DemoCluster cluster, Func<KeyPlane, Task<T>> change, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                using var plane = cluster.OpenKeyPlane();
                return await change(plane);
            }
            catch (CliException) when (tries < Tries)
            {
                await Task.Delay(Spacing, cancellationToken);
            }
        }
    }
}
