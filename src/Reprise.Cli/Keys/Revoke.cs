using Reprise.Cli.Cluster;
using Reprise.Cli.Progress;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Keys;

/// <summary><c>keys revoke</c>. Exit 1 if a node has not said that it has dropped the epoch.</summary>
internal static class Revoke
{
    public static async Task<int> RunAsync(KeyPlane plane, long epoch, bool purgeSessions, Screen screen, bool json, CancellationToken cancellationToken)
    {
        var revocation = new Revocation(epoch);
        await ProgressView.WatchAsync(revocation, told => plane.FollowAsync(
            (client, key) => client.Revoke(
                new RevokeRequest { Epoch = epoch, PurgeSessions = purgeSessions, IdempotencyKey = key }, cancellationToken: cancellationToken),
            step =>
            {
                told(step);
                return revocation.Done is null;
            },
            cancellationToken), screen, json);
        return revocation.Done is { } done
            ? AcknowledgementReport.Verdict(done.Acknowledgements, $"epoch {epoch} is revoked")
            : throw new CliException("the key service ended the call before the revocation was done");
    }

    public static void Ask(long epoch, bool purgeSessions, Screen screen) => screen.RequireTyped(
        $"Every ticket and every stored session that was sealed under epoch {epoch} ends on all nodes, for good"
        + $"{(purgeSessions ? "; and so do all other stored sessions" : "")}. Their clients get full handshakes.",
        Format.Number(epoch), "the epoch's number", "nothing was revoked");
}
